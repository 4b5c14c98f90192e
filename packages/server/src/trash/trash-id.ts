import { createHash, randomBytes } from 'node:crypto'
import type { StoragePath } from '@filegate/core'

/**
 * The name of something in the trash: when it was deleted, in milliseconds, which part of all paths it is from, and a random number.
 * The latest one sorts last, and what came from one path is found without reading anything.
 */
export type TrashId = `${string}-${string}-${string}`

const form = /^[0-9a-f]{12}-[0-9a-f]{16}-[0-9a-f]{8}$/

export function trashId(path: StoragePath, at: number): TrashId {
  return `${at.toString(16).padStart(12, '0')}-${keyOf(path)}-${randomBytes(4).toString('hex')}`
}

export const isTrashId = (text: string): text is TrashId => form.test(text)

/** Unix milliseconds. */
export const deletionTime = (id: TrashId): number => Number.parseInt(id.slice(0, 12), 16)

/** Whether it may have come from the path: different ones share a key once in 2^64. */
export const mayBeFrom = (id: TrashId, path: StoragePath): boolean => id.slice(13, 29) === keyOf(path)

const keyOf = (path: StoragePath): string => createHash('sha256').update(path).digest('hex').slice(0, 16)
