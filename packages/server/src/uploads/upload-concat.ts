import { StorageError } from '@filegate/core'

/** What an upload is to become: a file by itself, a part of one, or one that is made of parts. */
export type UploadConcat =
  | { readonly kind: 'whole' }
  | { readonly kind: 'partial' }
  | { readonly kind: 'final'; readonly parts: readonly string[] }

const identifier = /^[0-9a-f]{32}$/

export const isIdentifier = (text: string): boolean => identifier.test(text)

/**
 * `partial`, or `final;` and the URLs of the parts, in order. URLs may be absolute, since that is what clients make of a Location;
 * where they say that this server is does not matter.
 * @param collection path of the URL below which uploads are
 * @throws StorageError `InvalidArgument`
 */
export function parseConcat(text: string | undefined, collection: string): UploadConcat {
  if (text === undefined) return { kind: 'whole' }
  if (text.trim() === 'partial') return { kind: 'partial' }
  const [, list = ''] = /^\s*final;(.*)$/.exec(text) ?? []
  const urls = list.split(' ').filter((url) => url !== '')
  if (urls.length === 0) {
    throw new StorageError(
      'InvalidArgument',
      "The header Upload-Concat takes 'partial', or 'final;' and URLs of uploads.",
    )
  }
  return { kind: 'final', parts: urls.map((url) => partOf(url, collection)) }
}

function partOf(url: string, collection: string): string {
  const base = `http://any.invalid${collection}/`
  const path = URL.canParse(url, base) ? new URL(url, base).pathname : ''
  const id = path.slice(path.lastIndexOf('/') + 1)
  if (isIdentifier(id) && path.slice(0, -id.length).endsWith('/api/v1/uploads/')) return id
  throw new StorageError('InvalidArgument', `This is the URL of no upload: ${JSON.stringify(url)}`)
}
