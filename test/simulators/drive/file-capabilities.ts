import type { Item } from '../cloud-tree/item.ts'
import { ranks } from './access.ts'
import { folderType, type Notes, type Role, typeOf } from './simulation.ts'

export interface Circumstances {
  readonly isInDrive: boolean
  readonly isTrashed: boolean
  readonly notes: Notes
}

/** Whether the bytes may be had: readers can be kept from it. */
export const mayDownload = (role: Role, { copyRequiresWriterPermission }: Notes): boolean =>
  ranks[role] >= ranks.writer || !copyRequiresWriterPermission

/** What a caller may do with an item, from their role. */
export function capabilitiesOf(item: Item, role: Role, circumstances: Circumstances): Record<string, boolean> {
  const { isInDrive, isTrashed, notes } = circumstances
  const isFolder = typeOf(item) === folderType
  const may = (least: Role): boolean => ranks[role] >= ranks[least]
  const isRoot = item.parents.length === 0
  return {
    canAddChildren: isFolder && may('writer'),
    canComment: may('commenter'),
    canCopy: !isFolder && mayDownload(role, notes),
    canDelete: !isRoot && may(isInDrive ? 'organizer' : 'owner'),
    canDownload: mayDownload(role, notes),
    canEdit: may('writer'),
    canListChildren: isFolder,
    canModifyContent: may('writer'),
    canModifyLabels: may('writer'),
    canMoveItemWithinDrive: !isRoot && may('writer'),
    canReadLabels: true,
    canReadRevisions: !isFolder && may('writer'),
    canRemoveChildren: isFolder && !isInDrive && may('writer'),
    canRename: !isRoot && may('writer'),
    canShare: may('writer') && (notes.writersCanShare || may('owner')),
    canTrash: !isRoot && !item.trashed && may(isInDrive ? 'fileOrganizer' : 'owner'),
    canUntrash: isTrashed && may(isInDrive ? 'fileOrganizer' : 'owner'),
    ...(isInDrive
      ? {
          canReadDrive: true,
          canDeleteChildren: isFolder && may('organizer'),
          canTrashChildren: isFolder && may('fileOrganizer'),
          canAddFolderFromAnotherDrive: false,
          canMoveItemOutOfDrive: !isRoot && may('organizer'),
        }
      : { canAcceptOwnership: false, canMoveItemOutOfDrive: !isRoot && may('owner') }),
  }
}
