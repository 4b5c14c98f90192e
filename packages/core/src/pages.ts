import { throwIfAborted } from './abort.ts'
import type { ListOptions, Page } from './contract.ts'
import { StorageError } from './error.ts'

/**
 * The items of all pages; a page is asked for only when the one before is used up.
 * @throws StorageError `Unexpected` when the cursors run in a circle, which would go on for ever.
 */
export async function* pages<T>(
  page: (options: ListOptions) => Promise<Page<T>>,
  options: ListOptions = {},
): AsyncGenerator<T, void, undefined> {
  const guard = circleGuard()
  let { cursor } = options
  for (;;) {
    throwIfAborted(options.signal)
    const next: Page<T> = await page({ ...options, cursor })
    for (const item of next.items) {
      throwIfAborted(options.signal)
      yield item
    }
    ;({ cursor } = next)
    if (cursor === undefined) return
    guard(cursor)
  }
}

/**
 * Looks at one cursor after the other and throws when they run in a circle. Brent's way, which remembers one cursor: the
 * one that is compared with moves on after 1, 2, 4, ... steps, and once it stands in a circle no longer than its reach, it
 * is met again.
 */
export function circleGuard(): (cursor: string) => void {
  let remembered: string | undefined
  let steps = 0
  let reach = 1
  return (cursor) => {
    if (cursor === remembered) {
      throw new StorageError('Unexpected', 'The pages of a listing run in a circle: a cursor came twice.')
    }
    if (++steps < reach) return
    remembered = cursor
    steps = 0
    reach *= 2
  }
}
