import type { Turns } from '../turns.ts'
import { decodeInThread } from './decode-in-thread.ts'
import { throughZlib } from './through-zlib.ts'
import { createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'

/** Unpacked bytes from packed ones. Leaving the loop releases everything. @throws StorageError `InvalidArgument` on damage. */
export type Decode = (
  packed: AsyncGenerator<Uint8Array, void, undefined>,
  signal: AbortSignal,
) => AsyncGenerator<Uint8Array, void, undefined>

export interface Decoders {
  readonly deflate: Decode
  readonly gzip: Decode
  readonly zstd: Decode
  readonly xz: Decode
  readonly bzip2: Decode
}

export const passThrough: Decode = (packed) => packed

const chunkSize = 65_536

/** None of them works in the main thread. `turns` limits how many threads of our own there are at a time. */
export function createDecoders(turns: Turns): Decoders {
  const inThread = (method: 'xz' | 'bzip2'): Decode => {
    return (packed, signal) => decodeInThread(method, packed, turns, signal)
  }
  return {
    deflate: (packed) => throughZlib(packed, createInflateRaw({ chunkSize })),
    gzip: (packed) => throughZlib(packed, createGunzip({ chunkSize })),
    zstd: (packed) => throughZlib(packed, createZstdDecompress({ chunkSize })),
    xz: inThread('xz'),
    bzip2: inThread('bzip2'),
  }
}
