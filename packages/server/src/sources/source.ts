import type { Entry, OpenFile, ReadOptions, ReadResult } from '@filegate/core'

/** Which bytes a request reads: the current ones, those at a time, those of a revision. Views see nothing else. */
export interface Source {
  readonly entry: Entry
  open(options?: Pick<ReadOptions, 'range' | 'signal'>): Promise<ReadResult>
  /** Present when the bytes stand in a local file. */
  openLocal?(): OpenFile
}
