import { isADirectory, StorageError } from '@filegate/core/error'
import { baseName, parentPath, type StoragePath } from '@filegate/core/path'
import { lstatSync, type Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Access } from '../access.ts'
import { childPlace } from '../directory-names.ts'
import { ifThere } from '../errno.ts'
import { nameFromText } from '../disk-name.ts'
import { isDirectory, isFile, isLink } from '../facts.ts'
import type { OpenedDirectory } from '../locator.ts'
import { checkAdmitted } from './admitted.ts'
import type { Changing } from './changing.ts'
import { pinMade } from './make-parents.ts'
import { isInTrash } from './temporary-name.ts'

/** An entry, there or not, in a folder that is held open. Whoever holds it calls `close` once. */
export interface Target {
  readonly path: StoragePath
  readonly folder: OpenedDirectory
  /** Its name on disk: one character for each byte. */
  readonly name: string
  /** Its place in that very folder. */
  readonly place: string | Buffer
  /** What stands there, links not followed. */
  readonly old: Stats | undefined
  /** A place in the same folder. */
  beside(name: string): string | Buffer
  close(): void
  /** Removes the folders that were made on the way, where nothing has come into them. */
  undo(): void
}

const quiet = { throwIfNoEntry: false } as const

/** The entry at `path` itself, be it a link. Its parents have to be there. */
export function openEntry({ access }: Pick<Changing, 'access'>, path: StoragePath): Target {
  const folder = access.pinDirectory(parentPath(path))
  return targetIn(access, path, { folder, place: childPlace(folder.pinnedPath, baseName(path)), undo() {} })
}

/** As `openEntry`, with the folders on the way made. */
export async function openNewEntry(changing: Changing, path: StoragePath): Promise<Target> {
  checkName(changing.access, path)
  const made = await pinMade(changing, parentPath(path))
  const place = childPlace(made.folder.pinnedPath, baseName(path))
  return targetIn(changing.access, path, { folder: made.folder, place, undo: () => made.undo() })
}

/**
 * The file at `path`, there or not. A link is followed as far as reading follows it; one that leads elsewhere, or nowhere, is
 * neither followed nor replaced.
 */
export async function openFileTarget(changing: Changing, path: StoragePath): Promise<Target> {
  if (path === '') throw isADirectory(path)
  const target = await openNewEntry(changing, path)
  try {
    if (!target.old || !isLink(target.old)) return checkFile(target)
    const behind = targetBehind(changing, target)
    target.close()
    return checkFile(behind)
  } catch (error) {
    target.close()
    target.undo()
    throw error
  }
}

/** @throws StorageError when no file can be made under this name */
export function checkName(access: Access, path: StoragePath): void {
  if (access.isReserved(path)) throw new StorageError('InvalidPath', `This name is reserved: /${path}`, { path })
  try {
    access.disk(path)
  } catch (cause) {
    throw new StorageError('InvalidPath', `No file can have this name here: /${path}`, { path, cause })
  }
}

function targetIn(
  access: Access,
  path: StoragePath,
  { folder, place, undo }: Pick<Target, 'folder' | 'place' | 'undo'>,
): Target {
  let open = true
  const close = (): void => {
    if (open) folder.close()
    open = false
  }
  try {
    const old = lstatSync(place, quiet)
    checkAdmitted(access, path, folder, old && isDirectory(old) ? 'directory' : 'file')
    const name = nameOf(place)
    return { path, folder, name, place, old, beside: (name) => childPlace(folder.pinnedPath, name), close, undo }
  } catch (error) {
    close()
    undo()
    throw error
  }
}

function nameOf(place: string | Buffer): string {
  const bytes = Buffer.from(place)
  return bytes.toString('latin1', bytes.lastIndexOf(0x2f) + 1)
}

/** What the link at a target leads to, in the folder where that really stands. */
function targetBehind({ access }: Changing, { path }: Target): Target {
  const { locator } = access
  const found = ifThere(() => locator.find(access.disk(path)))
  if (!found || found.realPath.includes('\uFFFD')) throw deadEnd(path)
  const folder = locator.openDirectory(dirname(found.realPath), () => {})
  if (!folder) throw deadEnd(path)
  const place = childPlace(folder.pinnedPath, nameFromText(basename(found.realPath)))
  return targetIn(access, path, { folder, place, undo() {} })
}

/** @throws StorageError for what is no file: it is not replaced */
function checkFile(target: Target): Target {
  const { old, path } = target
  if (!old || isFile(old)) return target
  target.close()
  if (isDirectory(old)) throw isADirectory(path)
  throw isLink(old) ? deadEnd(path) : new StorageError('AccessDenied', `This is no file, and stays: /${path}`, { path })
}

const deadEnd = (path: StoragePath): StorageError =>
  new StorageError('AccessDenied', `There is a link at /${path} that leads nowhere it may be followed to. It stays.`, {
    path,
  })

/**
 * What leads outside is not there for anybody, and what is no file or folder neither. From the trash a link leads nowhere, and is still
 * the one that was deleted.
 * @throws StorageError `NotFound`
 */
export function checkShown({ access }: Pick<Changing, 'access'>, path: StoragePath): void {
  if (!isInTrash(path)) access.stat(path)
}

/** What stands there may be replaced as a whole. @throws StorageError for what nobody is shown */
export function checkReplaceable({ access }: Changing, { path, old }: Target): void {
  if (!old || isFile(old) || isDirectory(old)) return
  try {
    access.stat(path)
  } catch {
    throw deadEnd(path)
  }
}
