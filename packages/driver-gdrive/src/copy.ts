import { circleGuard, concurrently, type Operation, StorageError, type TreePlace } from '@filegate/core'
import { carryOver } from './carry-over.ts'
import { makeEmpty, makeFolder, storedName } from './change.ts'
import { type Connection, everywhere } from './connection.ts'
import { type DriveItem, isDocument, isFolder, itemOf } from './facts.ts'
import { findFiles, kept, searchIn } from './find-files.ts'
import { newFileMetadata } from './new-file.ts'
import { shortcutType } from './query.ts'
import type { Resource } from './resource.ts'
import { shownItem, shownItems } from './shown-items.ts'
import { repeated } from './uploading.ts'

/** Files of a folder that are copied at the same time. */
const lanes = 4
/** Milliseconds that cleaning up after a failure may take. */
const cleaning = 30_000

/** Copies on the side of the vendor. A shortcut is copied as one, unless what it leads to is wanted. */
export async function copyItem(
  connection: Connection,
  item: DriveItem,
  place: TreePlace,
  options: Operation,
): Promise<DriveItem> {
  const stored = { ...place, name: storedName(item, place.name) }
  const metadata = newFileMetadata(connection, stored, {})
  if (!isFolder(item.file)) return copyFile(connection, item, { folder: place.directory, metadata }, options)
  if (item.shortcut && !connection.options.copy_shortcut_content) {
    return copyFile(connection, item, { folder: place.directory, metadata }, options)
  }
  const made = await makeFolder(connection, place, options)
  try {
    await copyContent(connection, item.id, made.id, new Set([item.id, made.id]), options)
    return made
  } catch (error) {
    await abandon(connection, made.id)
    throw error
  }
}

interface Destination {
  readonly folder: string
  readonly metadata: Record<string, unknown>
}

async function copyFile(
  connection: Connection,
  item: DriveItem,
  { folder, metadata }: Destination,
  options: Operation,
): Promise<DriveItem> {
  const { signal } = options
  // A try whose answer was lost may have worked, and a second one would make a second copy.
  const carefully = { signal, mayRepeat: false }
  if (item.file.mimeType === shortcutType || (item.shortcut && !connection.options.copy_shortcut_content)) {
    const shortcutDetails = { targetId: item.shortcut ? item.id : item.file.shortcutDetails?.targetId }
    const said = { ...metadata, mimeType: shortcutType, shortcutDetails }
    const made = await repeated(() => makeEmpty(connection, folder, said, options), carefully)
    return item.shortcut
      ? itemOf(connection.options, item.file, { shortcut: made, format: item.format })
      : itemOf(connection.options, made)
  }
  const copied = await repeated(() => copyBytes(connection, item, { folder, metadata }, signal), carefully)
  try {
    await carryOver(connection, item.file, copied, options)
  } catch (error) {
    await abandon(connection, copied.id)
    throw error
  }
  return (await shownItem(connection, copied, options)) ?? itemOf(connection.options, copied)
}

async function copyBytes(
  connection: Connection,
  { file }: DriveItem,
  { folder, metadata }: Destination,
  signal: AbortSignal | undefined,
): Promise<Resource> {
  const { vendor, keys, options, fields } = connection
  const { id: fileId, modifiedTime, createdTime } = file
  const requestBody = {
    ...metadata,
    ...(modifiedTime !== undefined && { modifiedTime }),
    ...(options.use_created_date && createdTime !== undefined && { createdTime }),
  }
  const keeps = options.keep_revision_forever && !isDocument(file)
  const query = { ...everywhere, fileId, fields, ...(keeps && { keepRevisionForever: true }) }
  const asked = { headers: keys.headersFor([fileId, folder]), ...(signal && { signal }) }
  return kept(connection, await vendor.ask(vendor.api.files.copy({ ...query, requestBody }, asked)))
}

/** @param above the folders in which this one lies, into which no shortcut may lead back */
async function copyContent(
  connection: Connection,
  from: string,
  to: string,
  above: ReadonlySet<string>,
  options: Operation,
): Promise<void> {
  const guard = circleGuard()
  let cursor: string | undefined
  do {
    const found = await findFiles(connection, searchIn(connection, [from]), { cursor, signal: options.signal })
    const items = await shownItems(connection, found.files, options)
    const isEntered = (item: DriveItem): boolean =>
      isFolder(item.file) && (!item.shortcut || connection.options.copy_shortcut_content)
    const files = items.filter((item) => !isEntered(item))
    await concurrently(files, lanes, async (item) => {
      const place = { directory: to, name: (item.shortcut ?? item.file).name }
      const metadata = newFileMetadata(connection, place, {})
      await copyFile(connection, item, { folder: to, metadata }, options)
    })
    for (const item of items.filter(isEntered)) await copyFolder(connection, item, to, above, options)
    cursor = found.cursor
    if (cursor !== undefined) guard(cursor)
  } while (cursor !== undefined)
}

async function copyFolder(
  connection: Connection,
  item: DriveItem,
  to: string,
  above: ReadonlySet<string>,
  options: Operation,
): Promise<void> {
  if (above.has(item.id)) {
    const message = 'A shortcut leads back into a folder that is being copied. Leave out copy_shortcut_content.'
    throw new StorageError('InvalidArgument', message)
  }
  const made = await makeFolder(connection, { directory: to, name: item.facts.name }, options)
  await copyContent(connection, item.id, made.id, new Set([...above, item.id]), options)
}

/** A copy that is not whole goes away. The signal of the copying is no use here: it may be what ended it. */
async function abandon({ vendor, log }: Connection, fileId: string): Promise<void> {
  try {
    await vendor.ask(vendor.api.files.delete({ ...everywhere, fileId }, { signal: AbortSignal.timeout(cleaning) }))
  } catch (error) {
    log.warn('What was made for a copy that failed could not be removed.', { error: String(error) })
  }
}
