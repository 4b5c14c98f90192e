import { StorageError } from '@filegate/core'

/** Where a listing goes on. */
export interface PageCursor {
  /** What the vendor gave; empty for the first page. */
  readonly from: string
  /** Entries of that page that have been given out: the vendor may send more than it was asked for. */
  readonly skip: number
  /** What the vendor was asked for with the first page, which has to come back the same. */
  readonly limit: number
}

export const formatCursor = ({ from, skip, limit }: PageCursor): string => `${skip}.${limit}.${from}`

/** @throws StorageError `InvalidArgument` */
export function parseCursor(text: string): PageCursor {
  const [, skip, limit, from] = /^(\d{1,7})\.(\d{1,7})\.(.*)$/s.exec(text) ?? []
  if (skip === undefined || limit === undefined || from === undefined) {
    throw new StorageError('InvalidArgument', 'The cursor of the listing is none that was given out.')
  }
  return { from, skip: Number(skip), limit: Number(limit) }
}
