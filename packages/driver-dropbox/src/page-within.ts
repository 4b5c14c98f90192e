import { type ListOptions, type Page, StorageError } from '@filegate/core'

/**
 * A page of what is known whole; its cursor is a number of items.
 * @throws StorageError `InvalidArgument`
 */
export function pageWithin<Item>(
  items: readonly Item[],
  { cursor = '0', limit = items.length }: ListOptions,
): Page<Item> {
  if (!/^\d{1,9}$/.test(cursor)) {
    throw new StorageError('InvalidArgument', 'The cursor of the listing is none that was given out.')
  }
  const from = Number(cursor)
  const to = from + Math.max(1, limit)
  return { items: items.slice(from, to), ...(to < items.length && { cursor: String(to) }) }
}
