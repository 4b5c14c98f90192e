import { type Operation, StorageError, type TreePlace, type WriteOptions } from '@filegate/core'
import { type BodyFeed, bodyFeed, repeating, spooled } from '@filegate/core/http-body'
import { type Address, addressOf, childPath, itemPath } from './address.ts'
import { askForItem, type Connection, itemIn } from './connection.ts'
import { classify, isNameTaken } from './errors.ts'
import { usageOf } from './find-drive.ts'
import { type OneDriveItem, timesOf } from './item.ts'
import { soonThere } from './soon-there.ts'
import { removeOldVersions } from './versions.ts'
import { uploadInFragments } from './upload-session.ts'

/** To where something is uploaded, and on what terms. */
export interface Upload extends Operation {
  /** Of the item, be it there already or not. */
  readonly path: string
  readonly drive: string
  readonly conflict: 'fail' | 'replace'
  /** What the item must still be when the upload ends, as the service calls it. */
  readonly onlyIf?: string | undefined
  /** What the item was before. */
  readonly before?: string | undefined
  /** Unix milliseconds. */
  readonly modified?: number | undefined
  readonly contentType?: string | undefined
  readonly progressed?: (() => void) | undefined
}

const repeated = repeating('onedrive', classify)

/** Makes a file. */
export async function createFile(
  connection: Connection,
  place: TreePlace,
  options: WriteOptions,
): Promise<OneDriveItem> {
  const directory = addressOf(place.directory)
  const path = childPath(directory, place.name, connection.cloud)
  const onlyNew = options.conditions?.ifNoneMatch?.includes('*') === true
  const conflict = onlyNew ? 'fail' : 'replace'
  try {
    return await upload(connection, { ...termsOf(options), path, drive: directory.drive, conflict }, options)
  } catch (error) {
    if (!onlyNew || !isNameTaken(error)) throw error
    throw new StorageError('PreconditionFailed', 'Meanwhile, there is a file already.', { cause: error })
  }
}

/** Gives a file new bytes, as a new version of it. Where there are conditions, what they were held against has to stand yet. */
export async function updateFile(
  connection: Connection,
  file: OneDriveItem,
  options: WriteOptions,
): Promise<OneDriveItem> {
  if (file.isNotebook) throw new StorageError('Unsupported', 'A notebook of OneNote cannot be replaced by a file.')
  const address: Address = addressOf(file.id)
  const terms = { ...termsOf(options), path: itemPath(address), drive: address.drive, conflict: 'replace' } as const
  const onlyIf = options.conditions ? file.eTag : undefined
  const written = await upload(connection, { ...terms, onlyIf, before: file.eTag }, options)
  return { ...written, own: file.own, facts: { ...written.facts, name: file.facts.name } }
}

const termsOf = ({ modified, contentType, progressed, signal }: WriteOptions) => ({
  modified,
  contentType,
  progressed,
  signal,
})

async function upload(
  connection: Connection,
  terms: Upload,
  { body, size, signal }: WriteOptions,
): Promise<OneDriveItem> {
  const feed = bodyFeed(body, { size, signal })
  try {
    const written = await put(connection, terms, feed, size)
    if (connection.options.no_versions) {
      await soonThere(() => removeOldVersions(connection, addressOf(written.id), { signal }), { signal })
    }
    return written
  } finally {
    await feed.release()
  }
}

const unseen = (): void => {}

async function put(
  connection: Connection,
  terms: Upload,
  feed: BodyFeed,
  size: number | undefined,
): Promise<OneDriveItem> {
  const length = connection.options.chunk_size
  const first = await feed.fill(length, unseen)
  const isAll = !(await feed.hasMore())
  if (!first) return putWhole(connection, terms, new Uint8Array())
  // A time goes along with a session only, and giving one afterwards would make another version.
  if (isAll && terms.modified === undefined && terms.onlyIf === undefined) return putWhole(connection, terms, first)
  const total = isAll ? first.length : size
  if (total !== undefined)
    return uploadInFragments(connection, terms, { first, total, next: () => feed.fill(length, unseen) })
  // The service has to know the length before the first byte.
  const most = await roomFor(connection, terms)
  const rest = await spooled(feed, { most: most - first.length, signal: terms.signal })
  try {
    const pieces = { first, total: first.length + rest.size, next: () => rest.next(length) }
    return await uploadInFragments(connection, terms, pieces)
  } finally {
    await rest.release()
  }
}

/** The largest file that the service takes anywhere: https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa. */
const largestFile = 250 * 1024 ** 3

/** Bytes that the file may have at most. More would be gathered for nothing. */
async function roomFor(connection: Connection, { before, signal }: Upload): Promise<number> {
  const { free, used = 0 } = await usageOf(connection, { signal })
  // What is replaced may make room.
  const made = before === undefined ? 0 : used
  return free === undefined ? largestFile : Math.min(largestFile, free + made)
}

/** Uploads what is in memory in one request. Nothing at all can be uploaded in no other way. */
async function putWhole(connection: Connection, terms: Upload, bytes: Uint8Array): Promise<OneDriveItem> {
  const { path, drive, conflict, onlyIf, modified, contentType, signal } = terms
  const call = {
    method: 'PUT',
    path: `${path}/content`,
    query: { '@microsoft.graph.conflictBehavior': conflict },
    headers: {
      'content-type': contentType || 'application/octet-stream',
      ...(onlyIf !== undefined && { 'if-match': onlyIf }),
    },
    // The library sends all of the memory behind any other view.
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    signal,
  } as const
  const mayRepeat = onlyIf === undefined && conflict === 'replace'
  const answer = await repeated(() => connection.graph.json(call), { signal, mayRepeat })
  const written = itemIn(answer, drive, connection.options)
  if (modified === undefined) return written
  const { own } = written
  const change = { method: 'PATCH', path: itemPath(own), body: timesOf(modified), signal } as const
  return soonThere(() => askForItem(connection, own.drive, change), { signal })
}
