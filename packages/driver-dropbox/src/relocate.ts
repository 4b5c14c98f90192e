import {
  type CopyOptions,
  type Entry,
  type Operation,
  root,
  StorageError,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { besides } from './besides.ts'
import type { Connection } from './connection.ts'
import { entryOf } from './entries.ts'
import { expectStorable } from './forbidden-names.ts'
import type { Metadata } from './metadata.ts'
import { replace } from './replace.ts'
import { type Route, sendRelocation, type Verb } from './send-relocation.ts'
import { expectMetadata } from './stat.ts'
import { tagsOf } from './tags.ts'

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
  const put = (): Promise<Metadata> => sendRelocation(connection, { verb, path, ...route }, { signal })
  try {
    return entryOf(destination, await put())
  } catch (error) {
    if (!/^to\/conflict(?:\/(?:file|folder))?$/.test(tagsOf(error))) throw error
    if (!overwrite) throw alreadyExists(destination, error)
    await expectMetadata(connection, path, from, { signal })
    return entryOf(destination, await replace(connection, { path: destination, place: route.to }, put, { signal }))
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

/** The vendor does not change the case of a name alone, so it is moved twice. */
async function rename(
  connection: Connection,
  path: StoragePath,
  { from, to }: Route,
  { signal }: Operation,
): Promise<Metadata> {
  const between = besides(to)
  await sendRelocation(connection, { verb: 'move', path, from, to: between }, { signal })
  try {
    return await sendRelocation(connection, { verb: 'move', path, from: between, to }, {})
  } catch (error) {
    await backFrom(connection, path, { from: between, to: from })
    throw error
  }
}

async function backFrom(connection: Connection, path: StoragePath, route: Route): Promise<void> {
  try {
    await sendRelocation(connection, { verb: 'move', path, ...route }, {})
  } catch (error) {
    connection.log.warn(`/${path} was to get another case in Dropbox, and was left in between.`, {
      path: route.from,
      error: String(error),
    })
  }
}
