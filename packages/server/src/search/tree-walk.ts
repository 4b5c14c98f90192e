import type { Entry, StoragePath } from '@filegate/core'
import type { TreeLimits } from './tree-limits.ts'

/** Something that a search looks at. */
export interface TreeEntry {
  readonly path: StoragePath
  readonly name: string
  readonly kind: Entry['kind']
  /** Absent where it is not known, or was not asked for. */
  readonly size?: number | undefined
  /** Unix time in milliseconds. */
  readonly modified?: number | undefined
}

export interface TreeWalkOptions {
  readonly limits: TreeLimits
  readonly signal: AbortSignal
  /** Whether there can be something of interest below a directory. */
  readonly enter?: ((path: StoragePath) => boolean) | undefined
  /** Whether entries at any depth are of interest, as far as `limits` go. Default: yes. */
  readonly isDeep?: boolean | undefined
}

/** In no particular order but each directory before what it holds. Symbolic links are neither shown nor followed. */
export type TreeWalk = AsyncGenerator<readonly TreeEntry[], void, undefined>

/** 1 for what `top` itself holds. */
export function depthBelow(top: StoragePath, path: StoragePath): number {
  let depth = 1
  for (let at = path.indexOf('/', top.length + 1); at !== -1; at = path.indexOf('/', at + 1)) depth++
  return depth
}

/** The path of what is below `top`, counted from there. */
export const relativePath = (top: StoragePath, path: StoragePath): string =>
  top === '' ? path : path.slice(top.length + 1)
