import type { Item } from './item.ts'

export interface Change {
  /** 1, 2, 3 ... over the whole tree. */
  readonly sequence: number
  readonly time: number
  readonly what: 'created' | 'written' | 'updated' | 'trashed' | 'restored' | 'removed'
  readonly id: string
  /** The root that it is in; of something moved from one root to another, the new one. */
  readonly root: string | undefined
  /** Names from the root down, as they are after the change; of what was removed, as they were. */
  readonly path: readonly string[]
  /** The same before the change, when it was there before. */
  readonly pathBefore: readonly string[] | undefined
  readonly rootBefore: string | undefined
  /** `undefined` once it is created. */
  readonly before: Item | undefined
  /** `undefined` once it is removed. */
  readonly after: Item | undefined
}

export interface ChangeLog {
  /** Number of the last change, 0 at the start. */
  readonly sequence: number
  add(change: Omit<Change, 'sequence'>): void
  /** Those after that number, oldest first. */
  since(sequence: number): readonly Change[]
  /** Calls after each change, until the function that this gives is called. */
  listen(heard: (change: Change) => void): () => void
}

export function changeLog(): ChangeLog {
  const changes: Change[] = []
  const listeners = new Set<(change: Change) => void>()
  return {
    get sequence() {
      return changes.length
    },
    add(change) {
      const entered = { ...change, sequence: changes.length + 1 }
      changes.push(entered)
      for (const heard of listeners) heard(entered)
    },
    // Numbers have no gaps: the place in the list is the number.
    since: (sequence) => changes.slice(Math.max(0, sequence)),
    listen(heard) {
      listeners.add(heard)
      return () => void listeners.delete(heard)
    },
  }
}
