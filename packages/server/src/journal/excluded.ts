import { baseName, parentPath, type StoragePath } from '@filegate/core'
import { compileHidden } from '../access/hidden.ts'

/** Whether the journal leaves a path out, because of its own name or that of a folder which holds it. */
export type Excluded = (path: StoragePath) => boolean

/** What tools make anew whenever it is missing. */
export const developmentFolders: readonly string[] = [
  '.cache',
  '.gradle',
  '.mypy_cache',
  '.next',
  '.nuxt',
  '.pytest_cache',
  '.ruff_cache',
  '.svelte-kit',
  '.terraform',
  '.tox',
  '.turbo',
  '.venv',
  '__pycache__',
  'bower_components',
  'node_modules',
  'target',
  'venv',
]

export interface ExcludedOptions {
  /** Globs as `--hidden` takes them; one for folders only leaves out a file of that name as well. */
  readonly globs: readonly string[]
  readonly ignoresDevelopmentFolders: boolean
}

/** @throws StorageError `InvalidArgument` that says which glob is wrong, and why */
export function compileExcluded({ globs, ignoresDevelopmentFolders }: ExcludedOptions): Excluded {
  const matches = compileHidden(globs)
  const folders = new Set(['.git', ...(ignoresDevelopmentFolders ? developmentFolders : [])])
  return (path) => prefixes(path).some((part) => folders.has(baseName(part)) || matches?.(part, 'directory'))
}

/** `a`, `a/b`, `a/b/c` for `a/b/c`. */
function prefixes(path: StoragePath): StoragePath[] {
  const found: StoragePath[] = [path]
  for (let current = parentPath(path); current !== ''; current = parentPath(current)) found.push(current)
  return found
}
