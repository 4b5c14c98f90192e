import { joinPath, throwIfAborted } from '@filegate/core'
import type { Entry, Page } from '@filegate/core'
import { realpathSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { Access } from './access.ts'
import { ifThere } from './errno.ts'
import type { ListRequest } from './list.ts'
import { isBelow, placeBelow } from './place.ts'

/** Entries between two turns of the event loop. */
const sliceSize = 256

/**
 * The page without what may not be reached. Where the directory was reached through a link, its entries stand elsewhere
 * than their paths say; and a worker that lists has followed links without asking.
 */
export async function admittedPage(
  access: Access,
  page: Page<Entry>,
  { task: { realPath, pinnedPath }, signal }: ListRequest,
): Promise<Page<Entry>> {
  const { root, locator, admits } = access
  if (!admits) return page
  const place = isBelow(root, realPath)
    ? placeBelow(root, realPath, () => realpathSync.native(pinnedPath, 'buffer'))
    : undefined
  const isAdmitted = ({ path: own, name, kind, symlinkTarget }: Entry): boolean => {
    if (symlinkTarget !== undefined) return ifThere(() => locator.find(access.disk(own))) !== undefined
    return place === undefined || admits(joinPath(place, name), kind)
  }
  const items: Entry[] = []
  for (const [position, entry] of page.items.entries()) {
    if (isAdmitted(entry)) items.push(entry)
    if (position % sliceSize !== sliceSize - 1) continue
    await setImmediate()
    throwIfAborted(signal)
  }
  return { ...page, items }
}
