import type { Settings } from './settings.ts'
import type { LockAnswer, LockRequest } from './writing/shared-locks.ts'

/** What the first process tells a worker: to start, and to end within so many milliseconds. */
export type ToWorker = { readonly start: Settings } | { readonly endWithin: number } | LockAnswer

/** What a worker tells the first process: once that it listens, or why it cannot; then what it changes. */
export type FromWorker = { readonly addresses: readonly string[] } | { readonly problem: string } | LockRequest
