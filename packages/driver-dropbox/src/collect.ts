import { circleGuard } from '@filegate/core'

interface Part<Item> {
  readonly entries: readonly Item[]
  /** Absent, or empty, at the end. */
  readonly cursor?: string | undefined
}

/** All that the vendor gives in parts. */
export async function collect<Item>(
  first: () => Promise<Part<Item>>,
  next: (cursor: string) => Promise<Part<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = []
  const guard = circleGuard()
  let part = await first()
  for (;;) {
    for (const item of part.entries) items.push(item)
    if (!part.cursor) return items
    guard(part.cursor)
    part = await next(part.cursor)
  }
}
