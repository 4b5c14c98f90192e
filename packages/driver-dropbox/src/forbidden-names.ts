import { StorageError, type StoragePath } from '@filegate/core'

/** Files that the vendor's programs ignore, and its service refuses, in any case. */
const ignored: ReadonlySet<string> = new Set([
  'desktop.ini',
  'thumbs.db',
  '.ds_store',
  'icon\r',
  '.dropbox',
  '.dropbox.attr',
])

/** In UTF-16 units, which is how the vendor counts. */
const longest = 255

/**
 * Before anything is sent, since an upload is refused only at its end.
 * @throws StorageError `InvalidPath`
 */
export function expectStorable(path: StoragePath): void {
  for (const name of path.split('/')) {
    if (name.length > longest)
      throw refused(
        path,
        `The name ${JSON.stringify(name.slice(0, 40))}... is too long: Dropbox takes ${longest} characters`,
      )
    if (ignored.has(name.toLowerCase()))
      throw refused(path, `Dropbox does not keep files named ${JSON.stringify(name)}`)
  }
}

const refused = (path: StoragePath, why: string): StorageError =>
  new StorageError('InvalidPath', `${why}. Choose another name.`, { path })
