import { LRUCache } from 'lru-cache'

/** A whole small file, ready to be sent. */
export interface CachedBody {
  /** Of the file the bytes were read from. A hit counts only while the file on disk still has it. */
  readonly etag: string
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Complete for a plain 200 answer. */
  readonly headers: Readonly<Record<string, string>>
}

export type BodyCache = LRUCache<string, CachedBody>

const capacity = 24 * 1024 * 1024
/** What an entry costs besides its bytes. */
const overhead = 1024

/** Files up to this size are kept: up to here opening and reading costs more than the sending. */
export const largestCachedBody = 64 * 1024

export function createBodyCache(): BodyCache {
  return new LRUCache({
    maxSize: capacity,
    sizeCalculation: (body, path) => body.bytes.byteLength + path.length + overhead,
  })
}
