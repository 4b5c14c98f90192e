import {
  type CopyOptions,
  type DirectoryEntry,
  type Entry,
  isWithin,
  joinPath,
  notADirectory,
  notFound,
  parentPath,
  root,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { isRefusal } from './control.ts'
import type { Told } from './facts.ts'
import { readFolder } from './folder.ts'
import { replace } from './replace.ts'
import { serverPath } from './server-path.ts'
import type { Session } from './session.ts'
import { statIfThere, statPath } from './stat.ts'

/** Makes the folders above a path where they are missing. @throws StorageError `NotADirectory` where a file is in the way */
export async function makeParents(session: Session, path: StoragePath): Promise<void> {
  const folder = parentPath(path)
  if (folder === root || (await session.control.tries(`CWD ${serverPath(session, folder)}`))) return
  await makeParents(session, folder)
  await makeOne(session, folder)
}

async function makeOne(session: Session, path: StoragePath): Promise<void> {
  try {
    await session.control.ask(`MKD ${serverPath(session, path)}`)
  } catch (error) {
    if (!isRefusal(error)) throw error
    // Somebody else may have made it meanwhile, and servers have no common word for that.
    const entry = await statIfThere(session, path)
    if (entry?.kind === 'directory') return
    throw entry ? notADirectory(path) : error
  }
}

export async function makeDirectory(session: Session, path: StoragePath): Promise<DirectoryEntry> {
  const old = await statIfThere(session, path)
  if (old?.kind === 'file') throw new StorageError('AlreadyExists', `There is a file at /${path} already.`, { path })
  if (old) return old
  await makeParents(session, path)
  await makeOne(session, path)
  const made = await statPath(session, path)
  if (made.kind === 'file') throw notADirectory(path)
  return made
}

/** Removes a file, or a folder with all it holds. Links are removed, and not what they lead to. */
export async function removePath(session: Session, path: StoragePath): Promise<void> {
  if (path === root) throw new StorageError('InvalidArgument', 'The root of a storage cannot be removed.', { path })
  const isLink = await isLinkToFolder(session, path)
  if (isLink) await session.control.ask(`DELE ${serverPath(session, path)}`)
  else await removeTold(session, path, (await statPath(session, path)).kind)
}

/** Nothing but the listing above it tells a link to a folder from the folder. */
async function isLinkToFolder(session: Session, path: StoragePath): Promise<boolean> {
  const entry = await statPath(session, path)
  if (entry.kind === 'file') return false
  const beside = await readFolder(session, parentPath(path), { hidden: session.settings.hidden })
  return beside.some((one) => one.kind === 'link' && joinPath(parentPath(path), one.name) === path)
}

async function removeTold(session: Session, path: StoragePath, kind: Told['kind']): Promise<void> {
  if (kind !== 'directory') {
    await session.control.ask(`DELE ${serverPath(session, path)}`)
    return
  }
  for (const child of await everythingIn(session, path)) {
    await removeTold(session, joinPath(path, child.name), child.kind)
  }
  await session.control.ask(`RMD ${serverPath(session, path)}`)
}

/** With what is hidden, as nothing may be left; a server that does not know how to list that lists the rest. */
async function everythingIn(session: Session, path: StoragePath): Promise<readonly Told[]> {
  try {
    return await readFolder(session, path, { hidden: true })
  } catch (error) {
    if (!isRefusal(error) || session.tellsFacts) throw error
    return readFolder(session, path, { hidden: false })
  }
}

export async function movePath(session: Session, path: StoragePath, options: CopyOptions): Promise<Entry> {
  const { destination, overwrite = false } = options
  const entry = await statIfThere(session, path)
  if (!entry) throw notFound(path)
  if (isWithin(destination, path) || isWithin(path, destination)) {
    const message = `/${path} cannot be put at /${destination}: one of them contains the other.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  const old = await statIfThere(session, destination)
  if (old && !overwrite) {
    const message = `There is something at /${destination} already.`
    throw new StorageError('AlreadyExists', message, { path: destination })
  }
  if (old && (old.kind === 'directory' || entry.kind === 'directory')) await removePath(session, destination)
  await makeParents(session, destination)
  await replace(session, path, destination)
  return statPath(session, destination)
}
