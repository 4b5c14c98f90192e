import type { Item } from '../cloud-tree/item.ts'
import {
  driveOf,
  folderType,
  newId,
  notesOf,
  type Permission,
  type Role,
  type SharedDrive,
  shortcutType,
  type Simulation,
  typeOf,
  userOf,
} from './simulation.ts'

/** Something that is put there for a test, as if in the web. */
export interface AddedItem {
  readonly name: string
  readonly id?: string | undefined
  /** Default: My Drive of the owner; `null`: nowhere that anybody sees. */
  readonly parent?: string | null | undefined
  /** Default: a file of bytes, `folder` makes a folder. */
  readonly kind?: 'file' | 'folder' | undefined
  readonly bytes?: Uint8Array | string | undefined
  readonly mimeType?: string | undefined
  /** Makes a Google document that says this; `mimeType` is then one of `application/vnd.google-apps.…`. */
  readonly document?: Uint8Array | string | undefined
  /** Makes a shortcut to that id, which need not be there. */
  readonly shortcutTo?: string | undefined
  /** Milliseconds since 1970. */
  readonly created?: number | undefined
  readonly modified?: number | undefined
  /** Default: the default user. */
  readonly owner?: string | undefined
}

export function addItem(simulation: Simulation, added: AddedItem): Item {
  const { tree } = simulation
  const { name, id = newId.file(), kind = 'file', bytes = '', document, shortcutTo, created, modified } = added
  const owner = added.owner ?? simulation.defaultUser
  const parent = added.parent === undefined ? userOf(simulation, owner).root : added.parent
  const place = { id, name, parents: parent === null ? [] : [parent], created, modified }
  const item = ((): Item => {
    if (kind === 'folder') return tree.addFolder(place)
    if (shortcutTo !== undefined) return tree.addFile({ ...place, contentType: shortcutType })
    const contentType = added.mimeType ?? (document === undefined ? 'application/octet-stream' : googleDocument)
    return tree.addFile({ ...place, contentType, ...(document === undefined && { bytes: Buffer.from(bytes) }) })
  })()
  const notes = notesOf(simulation, item.id)
  notes.owner = driveOf(simulation, item.id) ? undefined : owner
  notes.lastModifier = owner
  notes.document = document === undefined ? undefined : Buffer.from(document)
  if (shortcutTo !== undefined) {
    const target = tree.get(shortcutTo)
    notes.shortcut = { targetId: shortcutTo, targetMimeType: target ? typeOf(target) : folderType }
  }
  return item
}

const googleDocument = 'application/vnd.google-apps.document'

export interface NewSharedDrive {
  readonly name: string
  readonly id?: string | undefined
  /** Default 500,000, as the service has it. */
  readonly fileLimit?: number | undefined
  readonly hidden?: boolean | undefined
  /** Roles by e-mail address. Default: the default user manages it. */
  readonly members?: Readonly<Record<string, Role>> | undefined
}

export function addSharedDrive(simulation: Simulation, added: NewSharedDrive): SharedDrive {
  const { name, id = newId.root(), fileLimit = 500_000, hidden = false } = added
  const drive = { id, name, fileLimit, hidden, created: simulation.tree.now() }
  simulation.tree.addRoot({ id, name })
  simulation.drives.set(id, drive)
  const members = added.members ?? { [simulation.defaultUser]: 'organizer' }
  for (const [email, role] of Object.entries(members)) share(simulation, id, { email, role })
  return drive
}

export interface Sharing {
  /** Without it everybody who has the link. */
  readonly email?: string | undefined
  readonly role: Role
  /** That those need who come by the link only. */
  readonly resourceKey?: string | undefined
  /** When it was shared, milliseconds since 1970. Default: now. */
  readonly time?: number | undefined
  /** Who shared it. Default: the owner. */
  readonly by?: string | undefined
}

export function share(simulation: Simulation, id: string, sharing: Sharing): void {
  const { email, role, resourceKey, time = simulation.tree.now() } = sharing
  const notes = notesOf(simulation, id)
  const permission: Permission = {
    id: email === undefined ? 'anyoneWithLink' : userOf(simulation, email).permissionId,
    type: email === undefined ? 'anyone' : 'user',
    role,
    emailAddress: email,
    time,
    by: sharing.by ?? notes.owner ?? simulation.defaultUser,
  }
  notes.permissions = [...notes.permissions.filter((one) => one.id !== permission.id), permission]
  notes.resourceKey = resourceKey ?? notes.resourceKey
  simulation.tree.update(id, {})
}
