import { type ModifiedOptions, type Operation, StorageError, type TreePlace } from '@filegate/core'
import { z } from 'zod'
import { type Connection, everywhere, isSelection } from './connection.ts'
import { type DriveItem, isFolder, itemOf, lying } from './facts.ts'
import { kept } from './find-files.ts'
import { hasExtension, withoutExtension } from './formats.ts'
import { newFileMetadata } from './new-file.ts'
import { folderType } from './query.ts'
import { type Resource, timeText } from './resource.ts'
import { shownItem } from './shown-items.ts'

export async function makeFolder(connection: Connection, place: TreePlace, options: Operation): Promise<DriveItem> {
  const metadata = newFileMetadata(connection, place, { mimeType: folderType })
  const made = itemOf(connection.options, await makeEmpty(connection, place.directory, metadata, options))
  connection.places.saw(made)
  return made
}

/** A folder, or a shortcut: what has no bytes. */
export async function makeEmpty(
  connection: Connection,
  folder: string,
  requestBody: Record<string, unknown>,
  { signal }: Operation,
): Promise<Resource> {
  const { vendor, keys, fields } = connection
  const asked = { headers: keys.headersFor([folder]), ...(signal && { signal }) }
  return kept(connection, await vendor.ask(vendor.api.files.create({ ...everywhere, fields, requestBody }, asked)))
}

const trashed = z.object({ trashed: z.literal(true) })

/** Puts it into the trash, or removes it for good. What lies in the trash can only be removed for good. */
export async function removeItem(connection: Connection, item: DriveItem, { signal }: Operation): Promise<void> {
  const { vendor, keys, options } = connection
  const { id: fileId } = lying(item)
  const asked = { headers: keys.headersFor([fileId]), ...(signal && { signal }) }
  if (options.trashed_only && isFolder(item.file) && !item.shortcut) {
    const message = 'With trashed_only a folder cannot be removed: it may hold what is not in the trash.'
    throw new StorageError('Unsupported', message)
  }
  if (options.use_trash && !options.trashed_only) {
    const query = { ...everywhere, fileId, fields: 'id,trashed', requestBody: { trashed: true } }
    trashed.parse(await vendor.ask(vendor.api.files.update(query, asked)))
  } else await vendor.ask(vendor.api.files.delete({ ...everywhere, fileId }, asked))
}

/** Gives an item another name, another folder, or both. A shortcut is moved, and not what it leads to. */
export async function moveItem(
  connection: Connection,
  item: DriveItem,
  place: TreePlace,
  options: Operation,
): Promise<DriveItem> {
  const { vendor, keys, fields } = connection
  const { id: fileId, parents = [], modifiedTime } = lying(item)
  const name = storedName(item, place.name)
  // What was selected lies elsewhere, and stays there under its new name.
  const isRename = item.isSelected === true && isSelection(connection, place.directory)
  const { starred } = isRename ? {} : newFileMetadata(connection, { ...place, name }, {})
  const isUnstarred = item.isSelected === true && !isRename && connection.options.starred_only
  const stays = isRename || parents.includes(place.directory)
  const answer = await vendor.ask(
    vendor.api.files.update(
      {
        ...everywhere,
        fileId,
        fields,
        // A change of the name would count as one of the content.
        requestBody: {
          name,
          ...(starred === true && { starred: true }),
          ...(isUnstarred && { starred: false }),
          ...(modifiedTime !== undefined && { modifiedTime }),
        },
        ...(!stays && { addParents: place.directory }),
        // Of what others share no parents are told.
        ...(!stays && parents.length > 0 && { removeParents: parents.join(',') }),
      },
      {
        headers: keys.headersFor([fileId, place.directory, ...parents]),
        ...(options.signal && { signal: options.signal }),
      },
    ),
  )
  const moved = kept(connection, answer)
  if (item.shortcut) return itemOf(connection.options, item.file, { shortcut: moved, format: item.format })
  return (await shownItem(connection, moved, options)) ?? itemOf(connection.options, moved)
}

/** The name without the ending with which a document is only shown. */
export function storedName({ format }: DriveItem, name: string): string {
  if (!format || format === 'none') return name
  if (hasExtension(name, format.extension)) return withoutExtension(name, format.extension)
  const message = `A Google document that is shown as .${format.extension} keeps that ending.`
  throw new StorageError('InvalidArgument', message)
}

export async function changeTime(
  connection: Connection,
  item: DriveItem,
  { modified, signal }: ModifiedOptions,
): Promise<DriveItem> {
  const { vendor, keys, fields, options } = connection
  const modifiedTime = timeText(modified)
  if (modifiedTime === undefined) throw new StorageError('InvalidArgument', 'Google Drive keeps no such time.')
  const asked = { headers: keys.headersFor([item.id]), ...(signal && { signal }) }
  const answer = await vendor.ask(
    vendor.api.files.update({ ...everywhere, fileId: item.id, fields, requestBody: { modifiedTime } }, asked),
  )
  return itemOf(options, kept(connection, answer), item)
}
