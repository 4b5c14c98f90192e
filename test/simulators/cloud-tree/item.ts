/** What only one dialect knows of an item or a revision: owners, shortcut targets, tags, lock states ... */
export type Facts = Readonly<Record<string, unknown>>

export interface Revision {
  readonly id: string
  /** Never changed in place. */
  readonly bytes: Buffer
  readonly contentType: string | undefined
  /** The modification time that the item had with these bytes. Milliseconds since 1970, as all times here. */
  readonly modified: number
  /** When the service took it in. */
  readonly received: number
  readonly facts: Facts
}

/**
 * One thing in a tree. A snapshot that does not change: after every change `tree.get(id)` gives a new one, so an item
 * that was kept shows what was.
 */
export interface Item {
  readonly id: string
  readonly kind: 'file' | 'folder'
  readonly name: string
  /** None for a root, and for what somebody shares without its folder. */
  readonly parents: readonly string[]
  readonly contentType: string | undefined
  readonly created: number
  readonly modified: number
  /** When the service last changed anything about it. */
  readonly changed: number
  /** Whether it was put into the trash itself; see `tree.isTrashed` for what lies inside of something that was. */
  readonly trashed: boolean
  readonly trashedAt: number | undefined
  /** Oldest first; a folder, and a file without bytes of its own, has none. */
  readonly revisions: readonly Revision[]
  readonly facts: Facts
  /** Number of the last change of this item; grows with everything that happens in the tree. */
  readonly sequence: number
}

export const currentRevision = (item: Item): Revision | undefined => item.revisions.at(-1)

export const sizeOf = (item: Item): number => currentRevision(item)?.bytes.length ?? 0
