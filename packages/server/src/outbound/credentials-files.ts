import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { StorageError } from '@filegate/core'

/** Makes a path that a caller wrote one that may be read. */
export type ResolveFile = (path: string) => Promise<string>

const invalid = (problem: string): StorageError => new StorageError('InvalidArgument', problem)

const inside = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/**
 * Options that name a file on this machine reach only the files of one folder, links resolved. Without a folder they reach
 * none. What lies outside is refused before anything is looked up, so that nobody learns which files there are.
 */
export function credentialsFiles(folder: string | undefined): ResolveFile {
  return async (path) => {
    if (folder === undefined) {
      throw invalid(
        'Files on the server can be named only when it is started with --credentials-dir, and then those in that folder.',
      )
    }
    const outside = invalid('The file is not in the folder of --credentials-dir. Name it by its path in that folder.')
    if (path.includes('\0') || path.split(/[\\/]/).includes('..')) throw outside
    const asked = resolve(folder, path)
    if (!inside(asked, folder)) throw outside
    const [real, realFolder] = await Promise.all([realPath(asked), realPath(folder)])
    if (real === undefined || realFolder === undefined) {
      throw invalid(`There is no file ${JSON.stringify(path)} in the folder of --credentials-dir.`)
    }
    if (!inside(real, realFolder)) throw outside
    if (!(await stat(real)).isFile()) throw invalid(`${JSON.stringify(path)} is no file.`)
    return real
  }
}

/**
 * Whether backends may log in with what this machine has: its environment, its files, its identity in a cloud. How vendors
 * find those is beyond the rules for outbound requests, and whoever connects would get what was given to the server; so
 * only the folder, which somebody with access to the machine chose, opens that way.
 */
export function lendingOf(folder: string | undefined): () => Promise<void> {
  return async () => {
    if (folder !== undefined) return
    throw invalid('The credentials of the machine are lent only when the server is started with --credentials-dir.')
  }
}

/** Undefined for what is not there, or may not be looked at. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch {
    return undefined
  }
}
