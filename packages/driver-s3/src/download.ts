import { type BucketOpened, notFound, StorageError, streamBytes } from '@filegate/core'
import { ranged } from '@filegate/core/http-body'
import { objectOf, rangeOf } from './adapt.ts'
import { answerOf } from './answer-headers.ts'
import type { Connection } from './connection.ts'
import { encodedKey } from './encoded-key.ts'
import { rangeHeader, type Reading } from './get-object.ts'

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
  const answer = answerOf((name) => response.headers.get(name) ?? undefined)
  const object = objectOf(key, answer, { ...settings, etagIsMd5: false })
  const body = response.body ?? streamBytes(new Uint8Array())
  return range ? ranged(object, range, rangeOf(answer), body) : { object, body }
}
