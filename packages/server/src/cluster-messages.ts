import type { Settings } from './settings.ts'

/** What the first process tells a worker: to start, and to end within so many milliseconds. */
export type ToWorker = { readonly start: Settings } | { readonly endWithin: number }

/** What a worker tells the first process, once: that it listens, or why it cannot. */
export type FromWorker = { readonly addresses: readonly string[] } | { readonly problem: string }
