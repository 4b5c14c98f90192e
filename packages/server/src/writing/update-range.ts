import { StorageError } from '@filegate/core'

/** What a header `X-Update-Range` asks for. Both ends are included. */
export type UpdateRange = { readonly append: true } | { readonly first: number; readonly last?: number | undefined }

/**
 * `append`, or `bytes=first-last`, whose last byte may be left out. The form of Content-Range with a size at the end is refused: whoever
 * sends that takes this for something else.
 * @throws StorageError `InvalidArgument`
 */
export function parseUpdateRange(text: string): UpdateRange {
  const trimmed = text.trim()
  if (trimmed.toLowerCase() === 'append') return { append: true }
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(trimmed) ?? []
  const range =
    first === undefined ? undefined : { first: Number(first), last: last === undefined ? undefined : Number(last) }
  if (range && (range.last === undefined || range.last >= range.first)) return range
  const message = `The header X-Update-Range takes 'append' or 'bytes=first-last', not ${JSON.stringify(text)}.`
  throw new StorageError('InvalidArgument', message)
}
