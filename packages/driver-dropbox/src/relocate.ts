import {
  baseName,
  type CopyOptions,
  type Entry,
  notFound,
  type Operation,
  root,
  StorageError,
  type StoragePath,
  systemClock,
  throwIfAborted,
} from '@filegate/core'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type Connection, until } from './connection.ts'
import { entryOf } from './entries.ts'
import { expectStorable } from './forbidden-names.ts'
import { metadata, type Metadata } from './metadata.ts'
import { expectMetadata, metadataIfThere } from './stat.ts'
import { tagsOf } from './tags.ts'

export type Verb = 'copy' | 'move'

interface Route {
  readonly from: string
  readonly to: string
}

/** Copies or moves inside the service. */
export async function relocate(
  connection: Connection,
  verb: Verb,
  path: StoragePath,
  options: CopyOptions,
): Promise<Entry> {
  const { destination, overwrite = false, signal } = options
  throwIfAborted(signal)
  expectApart(path, destination, verb)
  expectStorable(destination)
  await Promise.all([connection.committer.settle(path), connection.committer.settle(destination)])
  const from =
    verb === 'move' ? await connection.places.toChange(path, options) : await connection.places.of(path, options)
  const route = { from, to: await connection.places.toChange(destination, options) }
  if (isSame(path, destination)) return entryOf(destination, await rename(connection, path, route, { signal }))
  const put = (): Promise<Metadata> => send(connection, verb, path, route, { signal })
  try {
    return entryOf(destination, await put())
  } catch (error) {
    if (!/^to\/conflict(?:\/(?:file|folder))?$/.test(tagsOf(error))) throw error
    if (!overwrite) throw alreadyExists(destination, error)
    await expectMetadata(connection, path, from, { signal })
    return entryOf(destination, await replace(connection, route.to, put, { signal }))
  }
}

const lower = (path: StoragePath): string => path.toLowerCase()
const isSame = (one: StoragePath, other: StoragePath): boolean => one !== other && lower(one) === lower(other)

/** @throws StorageError where one holds the other; the vendor ignores the case of letters, but a move may change it */
function expectApart(path: StoragePath, destination: StoragePath, verb: Verb): void {
  const [from, to] = [lower(path), lower(destination)]
  const isRename = verb === 'move' && isSame(path, destination)
  const overlaps = path === root || destination === root || contains(from, to) || contains(to, from)
  if (!overlaps || isRename) return
  const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
  throw new StorageError('InvalidArgument', message, { path })
}

const contains = (outer: string, inner: string): boolean => inner === outer || inner.startsWith(`${outer}/`)

const alreadyExists = (destination: StoragePath, cause: unknown): StorageError =>
  new StorageError('AlreadyExists', `There is something at /${destination} already.`, { path: destination, cause })

const answer = z.object({ metadata })

/** Milliseconds before each further try. */
const pauses: readonly number[] = [300, 700, 1500]

/** What was made just now is, for a moment, not always found by the servers that copy and move. */
async function send(
  connection: Connection,
  verb: Verb,
  path: StoragePath,
  { from, to }: Route,
  { signal }: Operation,
): Promise<Metadata> {
  const { api } = connection.vendor
  const sent = { from_path: from, to_path: to, autorename: false, allow_ownership_transfer: false }
  for (let tries = 0; ; tries++) {
    try {
      const { result } =
        verb === 'copy' ? await api.filesCopyV2(sent, until(signal)) : await api.filesMoveV2(sent, until(signal))
      return answer.parse(result).metadata
    } catch (error) {
      if (tagsOf(error) !== 'from_lookup/not_found') throw error
      const pause = pauses[tries]
      if (pause === undefined || !(await metadataIfThere(connection, from, { signal }))) throw notFound(path)
      await systemClock.sleep(pause, signal)
    }
  }
}

/** The vendor replaces nothing. A file that had to go comes back where what should take its place cannot be put there. */
async function replace(
  connection: Connection,
  place: string,
  put: () => Promise<Metadata>,
  { signal }: Operation,
): Promise<Metadata> {
  const { api } = connection.vendor
  const old = await metadataIfThere(connection, place, { signal })
  if (old) {
    const only = old['.tag'] === 'file' ? { parent_rev: old.rev } : {}
    await api.filesDeleteV2({ path: place, ...only }, until(signal))
  }
  try {
    return await put()
  } catch (error) {
    if (old?.['.tag'] === 'file') await bringBack(connection, place, old.rev)
    throw error
  }
}

/** Milliseconds; the signal of the call may be what ended it. */
const patience = 30_000

async function bringBack({ vendor, log }: Connection, place: string, rev: string): Promise<void> {
  try {
    await vendor.api.filesRestore({ path: place, rev }, { signal: AbortSignal.timeout(patience) })
  } catch (error) {
    log.warn('A file that was to be replaced could not be restored; Dropbox lists it among the deleted files.', {
      path: place,
      error: String(error),
    })
  }
}

/** The vendor does not change the case of a name alone, so it is moved twice. */
async function rename(
  connection: Connection,
  path: StoragePath,
  { from, to }: Route,
  { signal }: Operation,
): Promise<Metadata> {
  const between = `${to.slice(0, to.lastIndexOf('/'))}/${baseName(path).slice(0, 200)}.${randomBytes(6).toString('hex')}`
  await send(connection, 'move', path, { from, to: between }, { signal })
  try {
    return await send(connection, 'move', path, { from: between, to }, {})
  } catch (error) {
    await send(connection, 'move', path, { from: between, to: from }, {})
    throw error
  }
}
