import type { Entry, StoragePath } from '@filegate/core'
import { baseName, StorageError } from '@filegate/core'
import { parseGlob } from '../search/glob-pattern.ts'

export type IsHidden = (path: StoragePath, kind: Entry['kind']) => boolean

type Test = (text: string) => boolean

/**
 * Compiles the globs of `--hidden`. A glob without a slash is held against the name of an entry, one with a slash inside
 * or in front against its path from the root. A slash at the end limits a glob to directories.
 * Undefined when nothing is hidden.
 * @throws StorageError `InvalidArgument` that says which glob is wrong, and why.
 */
export function compileHidden(globs: readonly string[]): IsHidden | undefined {
  if (globs.length === 0) return undefined
  const compiled = globs.map((glob) => ({ onlyDirectories: glob.endsWith('/'), ...compile(glob) }))
  const test = (kind: Entry['kind']): ((path: StoragePath) => boolean) => {
    const applying = compiled.filter(({ onlyDirectories }) => kind === 'directory' || !onlyDirectories)
    const names = applying.flatMap(({ ofName }) => ofName ?? [])
    const paths = applying.flatMap(({ ofPath }) => ofPath ?? [])
    return (path) => {
      const name = baseName(path)
      return names.some((matches) => matches(name)) || paths.some((matches) => matches(path))
    }
  }
  const file = test('file')
  const directory = test('directory')
  return (path, kind) => (kind === 'directory' ? directory(path) : file(path))
}

function compile(glob: string): { readonly ofName?: Test; readonly ofPath?: Test } {
  const parse = (text: string): Test => {
    const pattern = parseGlob(text, true, (problem) => refuse(glob, problem))
    return (path) => pattern.matches(path)
  }
  const cleaned = glob.replace(/\/+$/, '')
  if (!cleaned.includes('/')) return { ofName: parse(cleaned) }
  const inside = parse(cleaned)
  const [, folder] = /^(.*[^/])\/\*\*$/.exec(cleaned) ?? []
  // What hides all that a folder holds hides the folder.
  const itself = folder === undefined ? undefined : parse(folder)
  return { ofPath: (path) => inside(path) || itself?.(path) === true }
}

function refuse(glob: string, problem: string): never {
  throw new StorageError('InvalidArgument', `--hidden has an invalid pattern ${JSON.stringify(glob)}: ${problem}.`)
}
