import { type BucketOpened, notFound, StorageError, streamBytes } from '@filegate/core'
import { type ObjectAnswer, objectOf } from './adapt.ts'
import type { Connection } from './connection.ts'
import { encodedKey } from './encoded-key.ts'
import { rangeHeader, type Reading } from './get-object.ts'
import { digestKey, timeKey } from './metadata.ts'
import { ranged } from './ranged.ts'

/** Reads an object from the address that is given for downloads, which knows neither buckets nor logins. */
export async function openDownload({ settings, fetch }: Connection, reading: Reading): Promise<BucketOpened> {
  const { key, target, range, conditions, signal } = reading
  // Whoever gets the URL would take such a segment for a way to another folder.
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(target.key)) throw notFound(key)
  const url = `${settings.download_url.replace(/\/+$/, '')}/${encodedKey(target.key)}`
  const headers = new Headers({ 'accept-encoding': 'identity' })
  if (range) headers.set('range', rangeHeader(range))
  if (conditions.IfMatch !== undefined) headers.set('if-match', conditions.IfMatch)
  if (conditions.IfNoneMatch !== undefined) headers.set('if-none-match', conditions.IfNoneMatch)
  const response = await fetch(url, { headers, ...(signal && { signal }) })
  const { status } = response
  if (status !== 200 && status !== 206) {
    await response.body?.cancel()
    const said = Object.assign(new Error(`The download answered ${status}.`), { status, headers: response.headers })
    if (status >= 300) throw said
    throw new StorageError('Unexpected', 'The address in download_url does not answer with files.', { cause: said })
  }
  const answer = answerOf(response.headers)
  const object = objectOf(key, answer, { ...settings, etagIsMd5: false })
  const body = response.body ?? streamBytes(new Uint8Array())
  return range ? ranged(object, range, answer, body) : { object, body }
}

function answerOf(headers: Headers): ObjectAnswer {
  const text = (name: string): string | undefined => headers.get(name) ?? undefined
  const length = text('content-length')
  const modified = Date.parse(text('last-modified') ?? '')
  const metadata = [timeKey, digestKey].flatMap((name) => {
    const value = text(`x-amz-meta-${name}`)
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ContentLength: length === undefined ? undefined : Number(length),
    ContentType: text('content-type'),
    ContentRange: text('content-range'),
    ETag: text('etag'),
    LastModified: Number.isNaN(modified) ? undefined : new Date(modified),
    Metadata: Object.fromEntries(metadata),
  }
}
