import type { FileLimits, LineMatch } from './grep-match.ts'
import type { LocalFolder } from './local-folder.ts'
import type { SearchPattern } from './parse-pattern.ts'

/** What a thread is asked. Each is answered with exactly one message, in order. */
export type Question =
  | {
      readonly type: 'begin'
      readonly pattern: SearchPattern
      readonly limits: FileLimits & { readonly maxFilesize: number }
      /** The folder that `files` are read from, when they are on the local disk. */
      readonly folder?: LocalFolder | undefined
    }
  /** Searches files of the local disk. */
  | { readonly type: 'files'; readonly paths: readonly string[] }
  /** A piece of a file; pieces of several files may alternate. */
  | { readonly type: 'piece'; readonly file: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }
  /** There will be no more of it. */
  | { readonly type: 'drop'; readonly file: number }

export type Answer = FilesAnswer | PieceAnswer | { readonly type: 'done' }

export interface FilesAnswer {
  readonly type: 'files'
  readonly searched: number
  /** Of those that have any. */
  readonly matches: readonly { readonly path: string; readonly matches: readonly LineMatch[] }[]
}

export interface PieceAnswer {
  readonly type: 'piece'
  /** Whether the search wants the rest of the file. */
  readonly wantsMore: boolean
  /** Once it wants no more. */
  readonly matches: readonly LineMatch[]
}
