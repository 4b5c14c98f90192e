import { createBodyCache, type BodyCache } from './bodies/body-cache.ts'
import { LRUCache } from 'lru-cache'
import type { Settings } from './settings.ts'

/** What lives as long as the server and is shared by all requests: caches, limits, worker pools. */
export interface Services {
  /** Small files with their headers, valid as long as the file's etag is. */
  readonly bodies: BodyCache
  /** Media types that took a look into the file, by path, with the etag of the file they were found in. */
  readonly types: LRUCache<string, { readonly etag: string; readonly type: string }>
  close(): Promise<void>
}

export function createServices(_settings: Settings): Services {
  return { bodies: createBodyCache(), types: new LRUCache({ max: 10_000 }), close: async () => {} }
}
