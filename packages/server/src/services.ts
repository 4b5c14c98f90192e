import type { Settings } from './settings.ts'

/** What lives as long as the server and is shared by all requests: caches, limits, worker pools. */
export interface Services {
  close(): Promise<void>
}

export function createServices(_settings: Settings): Services {
  return { close: async () => {} }
}
