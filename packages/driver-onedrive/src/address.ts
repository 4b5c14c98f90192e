import { StorageError } from '@filegate/core'
import type { Cloud } from './clouds.ts'

/** Where an item is: what others share lies in drives of theirs. */
export interface Address {
  readonly drive: string
  readonly item: string
}

/** An address as one text, `drive#item`, which is how other tools write it, too. */
export const idOf = ({ drive, item }: Address): string => `${drive}#${item}`

/** @param home the drive of an id that names none */
export function addressOf(id: string, home = ''): Address {
  const hash = id.indexOf('#')
  return hash === -1 ? { drive: home, item: id } : { drive: id.slice(0, hash), item: id.slice(hash + 1) }
}

export const drivePath = (drive: string): string => `/drives/${encodeURIComponent(drive)}`

export const itemPath = ({ drive, item }: Address): string => `${drivePath(drive)}/items/${encodeURIComponent(item)}`

/** Whether anything can have the name. With others, a path would mean something else than a name in a directory. */
export const isPossibleName = (name: string): boolean => name.isWellFormed() && !/^\.{0,2}$|[/\\:\0]/.test(name)

/** What to tell of a name that nothing can have. */
export const badName =
  'OneDrive does not allow this name. Leave out " * : < > ? / \\ | and spaces or dots at its ends, or leave encoding as it is. Names that it keeps to itself cannot be had at all: CON, PRN, AUX, NUL, COM0 to COM9, LPT0 to LPT9, .lock, desktop.ini, and what has _vti_ in it.'

/** What lies in a directory under a name: https://learn.microsoft.com/graph/onedrive-addressing-driveitems. */
export function childPath(directory: Address, name: string, { findsByPath }: Pick<Cloud, 'findsByPath'>): string {
  if (!isPossibleName(name)) throw new StorageError('InvalidPath', badName)
  if (findsByPath) return `${itemPath(directory)}:/${encodeURIComponent(name)}:`
  return `${itemPath(directory)}/children('${encodeURIComponent(name.replaceAll("'", "''"))}')`
}

/** What lies below a directory, under the last of the names. */
export const wayPath = (directory: Address, names: readonly string[]): string =>
  `${itemPath(directory)}:/${names.map(encodeURIComponent).join('/')}:`
