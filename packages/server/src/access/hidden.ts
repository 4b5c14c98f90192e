import type { Entry, StoragePath } from '@filegate/core'
import { baseName } from '@filegate/core'
import picomatch from 'picomatch'

export type IsHidden = (path: StoragePath, kind: Entry['kind']) => boolean

/**
 * Compiles the globs of `--hidden`. A glob without a slash is held against the name of an entry, one with a slash inside
 * or in front against its path from the root. A slash at the end limits a glob to directories.
 * Undefined when nothing is hidden.
 */
export function compileHidden(globs: readonly string[]): IsHidden | undefined {
  if (globs.length === 0) return undefined
  const test = (kind: Entry['kind']) => {
    const applying = globs.filter((glob) => kind === 'directory' || !glob.endsWith('/'))
    const cleaned = applying.map((glob) => glob.replace(/\/+$/, ''))
    const names = matcher(cleaned.filter((glob) => !glob.includes('/')))
    const paths = matcher(cleaned.filter((glob) => glob.includes('/')).map((glob) => glob.replace(/^\/+/, '')))
    return (path: StoragePath): boolean => names(baseName(path)) || paths(path)
  }
  const file = test('file')
  const directory = test('directory')
  return (path, kind) => (kind === 'directory' ? directory(path) : file(path))
}

/** All globs as one regular expression: it runs for every entry of every listing. */
function matcher(globs: readonly string[]): (text: string) => boolean {
  if (globs.length === 0) return () => false
  const sources = globs.map((glob) => picomatch.makeRe(glob, { dot: true, nonegate: true, windows: false }).source)
  const all = new RegExp(sources.join('|'), 's')
  return (text) => all.test(text)
}
