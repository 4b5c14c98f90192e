import type { Entry, HashOptions, OpenFile, ReadOptions, ReadResult } from '@filegate/core'

/** Which bytes a request reads: the current ones, those at a time, those of a revision. Views see nothing else. */
export interface Source {
  readonly entry: Entry
  /**
   * Names the bytes for good, over all backends and revisions: equal identities, equal bytes. What was computed from them
   * is remembered by it. Absent where the storage says nothing that strong.
   */
  readonly identity?: string | undefined
  open(options?: Pick<ReadOptions, 'range' | 'signal'>): Promise<ReadResult>
  /** Present when the bytes stand in a local file. */
  readonly openLocal?: (() => OpenFile) | undefined
  /**
   * Present when looking at the first bytes costs next to nothing: so many at most. It throws what `open` would throw.
   */
  readonly sample?: ((most: number, signal: AbortSignal) => Promise<Uint8Array>) | undefined
  /** Present when the storage computes digests itself, better than by being read from. Lower-case hexadecimal. */
  readonly hash?: ((options: HashOptions) => Promise<string>) | undefined
}
