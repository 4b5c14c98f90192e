import { evaluateConditions, StorageError, type TreePlace, type WriteOptions } from '@filegate/core'
import type { Connection } from './connection.ts'
import { type DriveItem, isDangling, isDocument, itemOf } from './facts.ts'
import { fileById } from './find-files.ts'
import { exportFormat, importFormat, type ImportFormat, withoutExtension } from './formats.ts'
import { childOf } from './list.ts'
import { newFileMetadata } from './new-file.ts'
import { type Resource, timeText } from './resource.ts'
import { extensionsOf, shownItem } from './shown-items.ts'
import { uploadBody, type UploadBody } from './upload-body.ts'
import { uploadInChunks } from './upload-session.ts'
import { type Upload, uploadStream, uploadWhole } from './uploading.ts'

/** Makes a new file, or a Google document out of what is uploaded. */
export async function createFile(connection: Connection, place: TreePlace, options: WriteOptions): Promise<DriveItem> {
  const { contentType, modified, conditions, signal } = options
  const imported = await importOf(connection, place.name)
  const name = imported ? withoutExtension(place.name, imported.extension) : place.name
  const mimeType = imported?.documentType ?? contentType
  const upload: Upload = {
    folder: place.directory,
    metadata: newFileMetadata(connection, { ...place, name }, { mimeType, modified }),
    contentType: imported?.type ?? (contentType || 'application/octet-stream'),
    signal,
  }
  const look = async () => (await childOf(connection, place, { signal }))[0]
  return put(connection, upload, options, conditions && (() => expectStill(options, look)))
}

/** Gives a file new bytes; it keeps its id, and with that its revisions and those with whom it is shared. */
export async function updateFile(connection: Connection, item: DriveItem, options: WriteOptions): Promise<DriveItem> {
  const { contentType, modified, conditions, signal } = options
  if (isDangling(item)) throw new StorageError('NotFound', 'The shortcut leads to a file that is gone.')
  const imported = isDocument(item.file) ? await importOver(connection, item) : undefined
  const mimeType = imported?.documentType ?? (contentType || undefined)
  const upload: Upload = {
    fileId: item.id,
    metadata: { ...(mimeType !== undefined && { mimeType }), modifiedTime: timeText(modified) },
    contentType: imported?.type ?? (contentType || item.file.mimeType),
    signal,
  }
  const look = async () => itemOf(connection.options, await fileById(connection, item.id, { signal }), item)
  return put(connection, upload, options, conditions && (() => expectStill(options, look)), item.shortcut)
}

/** As what an upload becomes a Google document; `undefined` where it stays what it is. */
async function importOf(connection: Connection, name: string): Promise<ImportFormat | undefined> {
  const { import_formats: extensions, allow_import_name_change: mayChange } = connection.options
  if (extensions.length === 0) return undefined
  const { exports, imports } = await connection.conversions()
  const imported = importFormat(name, extensions, imports)
  if (!imported) return undefined
  const shown = exportFormat(imported.documentType, extensionsOf(connection), exports)?.extension
  if (shown === imported.extension || mayChange) return imported
  const as = shown === undefined ? 'could not be shown' : `would be shown with the ending .${shown}`
  const message = `The Google document made of a .${imported.extension} ${as}. Set allow_import_name_change, or export_formats.`
  throw new StorageError('InvalidArgument', message)
}

async function importOver(connection: Connection, { facts, file }: DriveItem): Promise<ImportFormat> {
  const imported = await importOf(connection, facts.name)
  if (imported?.documentType === file.mimeType) return imported
  const message = 'This is a Google document, which is written only by import: name its ending in import_formats.'
  throw new StorageError('Unsupported', message)
}

/** Google takes no conditions with an upload, so they are looked at once more in the last moment before it is complete. */
async function expectStill(
  { conditions = {} }: WriteOptions,
  look: () => Promise<DriveItem | undefined>,
): Promise<void> {
  const facts = (await look())?.facts
  if (evaluateConditions(conditions, facts?.kind === 'file' ? facts : undefined) === 'proceed') return
  throw new StorageError('PreconditionFailed', 'The file was changed while it was being written.')
}

async function put(
  connection: Connection,
  upload: Upload,
  options: WriteOptions,
  check: (() => Promise<void>) | undefined,
  shortcut?: Resource,
): Promise<DriveItem> {
  const body = uploadBody(options)
  try {
    const written = await send(connection, upload, body, { size: options.size, check })
    checkArrived(written, body)
    const shown = await shownItem(connection, written, options)
    return shown && shortcut
      ? itemOf(connection.options, written, { ...shown, shortcut })
      : (shown ?? itemOf(connection.options, written))
  } finally {
    await body.release()
  }
}

interface Sending {
  readonly size: number | undefined
  readonly check: (() => Promise<void>) | undefined
}

/** In one request what is below the cutoff, in chunks what is not; never more than a chunk is in memory. */
async function send(
  connection: Connection,
  upload: Upload,
  body: UploadBody,
  { size, check }: Sending,
): Promise<Resource> {
  const { upload_cutoff: cutoff, chunk_size: chunkSize } = connection.options
  if (size !== undefined && size > chunkSize && size < cutoff) {
    await check?.()
    return uploadStream(connection, upload, body.rest(), size)
  }
  const first = await body.next(chunkSize)
  const beforeLast = async () => {
    body.md5()
    await check?.()
  }
  if (first.length >= cutoff || !(await body.isOver())) {
    return uploadInChunks(connection, upload, { body, first, beforeLast })
  }
  await beforeLast()
  return uploadWhole(connection, upload, first)
}

/** What became a document has other bytes. */
function checkArrived(written: Resource, body: UploadBody): void {
  const { md5Checksum: md5, size } = written
  if (isDocument(written)) return
  const isWhole = size === undefined || Number(size) === body.given
  if (isWhole && (md5 === undefined || md5 === body.md5())) return
  throw new StorageError('Unexpected', 'The upload arrived damaged: Google has other bytes than were sent.')
}
