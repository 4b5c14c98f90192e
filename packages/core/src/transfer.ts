import { releaseBody } from './byte-stream.ts'
import type { CopyOptions, Entry, FileEntry, Operation, StorageDriver, WriteOptions } from './contract.ts'
import { StorageError } from './error.ts'
import { isWithin, parsePath, type StoragePath } from './path.ts'
import { walk } from './walk.ts'

type Source = Pick<StorageDriver, 'read'>
type Target = Required<Pick<StorageDriver, 'write'>>

/** Copies by reading and writing, for a driver that cannot copy by itself. Files stream; nothing is held whole. */
export async function copyByWriting(
  driver: StorageDriver & Target,
  path: StoragePath,
  { destination, overwrite = false, signal }: CopyOptions,
): Promise<Entry> {
  const entry = await driver.stat(path, { signal })
  if (isWithin(destination, path) || isWithin(path, destination)) {
    const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  await clearWay(driver, entry, destination, { overwrite, signal })
  if (entry.kind === 'file') return copyFile(driver, driver, path, destination, { signal })
  await driver.makeDirectory?.(destination, { signal })
  for await (const child of walk(driver, path, { signal })) {
    const to = parsePath(`${destination}/${child.path.slice(path.length)}`)
    if (child.kind === 'file') await copyFile(driver, driver, child.path, to, { signal })
    else await driver.makeDirectory?.(to, { signal })
  }
  return driver.stat(destination, { signal })
}

/** Removes what stands at the destination, unless a file replaces a file: that is left to `write`, which is atomic. */
async function clearWay(
  driver: StorageDriver,
  entry: Entry,
  destination: StoragePath,
  { overwrite, signal }: Pick<CopyOptions, 'overwrite' | 'signal'>,
): Promise<void> {
  const old = await statIfThere(driver, destination, { signal })
  if (!old) return
  if (!overwrite) {
    const message = `There is something at /${destination} already.`
    throw new StorageError('AlreadyExists', message, { path: destination })
  }
  if (old.kind === 'file' && entry.kind === 'file') return
  if (!driver.remove) {
    const message = `/${destination} cannot be replaced: this storage cannot remove.`
    throw new StorageError('Unsupported', message, { path: destination })
  }
  await driver.remove(destination, { signal })
}

/** Streams one file from one driver into another, or the same. The conditions are those of the write. */
export async function copyFile(
  source: Source,
  target: Target,
  path: StoragePath,
  destination: StoragePath,
  { signal, conditions }: Pick<WriteOptions, 'signal' | 'conditions'> = {},
): Promise<FileEntry> {
  const { entry, body } = await source.read(path, { signal })
  const { size, modified, contentType, hashes } = entry
  try {
    return await target.write(destination, { body, size, modified, contentType, hashes, conditions, signal })
  } finally {
    // For a write that was refused before it took the body.
    await releaseBody(body)
  }
}

export async function statIfThere(
  driver: StorageDriver,
  path: StoragePath,
  options: Operation,
): Promise<Entry | undefined> {
  try {
    return await driver.stat(path, options)
  } catch (error) {
    if (StorageError.is(error, 'NotFound')) return undefined
    throw error
  }
}
