import { type BucketObject, StorageError } from '@filegate/core'
import { type ListedObject, listedOf } from './adapt.ts'
import { type Connection, until } from './connection.ts'
import { decodedKey } from './encoded-key.ts'
import { emptyAnswer, isUnreadable } from './errors.ts'

/** A page of the keys of one bucket. */
export interface KeyQuery {
  readonly bucket: string
  readonly prefix: string
  readonly delimited: boolean
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface KeyPage {
  readonly objects: readonly BucketObject[]
  readonly prefixes: readonly string[]
  readonly cursor?: string | undefined
}

interface ListAnswer {
  readonly Name?: string | undefined
  readonly EncodingType?: string | undefined
  readonly IsTruncated?: boolean | undefined
  readonly Contents?: readonly ListedObject[] | undefined
  readonly CommonPrefixes?: readonly { readonly Prefix?: string | undefined }[] | undefined
}

export type KeyLister = (query: KeyQuery) => Promise<KeyPage>

/** Lists in the version of the call that the service knows, and with encoded keys where plain ones cannot be read. */
export function keyLister(connection: Connection): KeyLister {
  const { settings } = connection
  let isEncoded = settings.encodedListing
  const list = settings.listVersion === 1 ? listFirst : listSecond
  return async (query) => {
    try {
      return await list(connection, query, isEncoded)
    } catch (error) {
      if (isEncoded || !settings.mayEncodeListing || !isUnreadable(error)) throw error
      const page = await list(connection, query, true)
      isEncoded = true
      return page
    }
  }
}

export function listInput({ list_chunk }: Connection['settings'], query: KeyQuery, isEncoded: boolean) {
  return {
    Bucket: query.bucket,
    Prefix: query.prefix,
    MaxKeys: Math.max(1, Math.min(list_chunk, query.limit ?? list_chunk)),
    ...(query.delimited && { Delimiter: '/' }),
    ...(isEncoded && { EncodingType: 'url' as const }),
  }
}

/** The text of an answer in the form that it was promised. */
export const textOf = ({ EncodingType }: Pick<ListAnswer, 'EncodingType'>) =>
  EncodingType?.toLowerCase() === 'url' ? decodedKey : (text: string): string => text

async function listSecond({ vendor, settings }: Connection, query: KeyQuery, isEncoded: boolean): Promise<KeyPage> {
  const input = { ...listInput(settings, query, isEncoded), ContinuationToken: query.cursor }
  const answer = await vendor.s3.listObjectsV2(input, until(query.signal))
  const page = pageOf(answer, settings)
  if (!answer.IsTruncated) return page
  if (!answer.NextContinuationToken) throw brokenPage()
  return { ...page, cursor: answer.NextContinuationToken }
}

/** In this version the next page begins behind a key; services name it only where prefixes are summed up. */
async function listFirst({ vendor, settings }: Connection, query: KeyQuery, isEncoded: boolean): Promise<KeyPage> {
  const input = { ...listInput(settings, query, isEncoded), Marker: query.cursor }
  const answer = await vendor.s3.listObjects(input, until(query.signal))
  const page = pageOf(answer, settings)
  if (!answer.IsTruncated) return page
  const next = answer.NextMarker === undefined ? undefined : textOf(answer)(answer.NextMarker)
  const cursor = next || lastOf(page)
  if (cursor === undefined) throw brokenPage()
  return { ...page, cursor }
}

function lastOf({ objects, prefixes }: KeyPage): string | undefined {
  const last = [objects.at(-1)?.key, prefixes.at(-1)].filter((key) => key !== undefined)
  return last.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).at(-1)
}

function pageOf(answer: ListAnswer, settings: Connection['settings']): KeyPage {
  const decode = textOf(answer)
  const { Contents = [], CommonPrefixes = [] } = answer
  if (answer.Name === undefined && answer.IsTruncated === undefined && Contents.length + CommonPrefixes.length === 0) {
    throw emptyAnswer()
  }
  return {
    objects: Contents.flatMap((listed) =>
      listed.Key === undefined ? [] : [listedOf(decode(listed.Key), listed, settings)],
    ),
    prefixes: CommonPrefixes.flatMap(({ Prefix }) => (Prefix === undefined ? [] : [decode(Prefix)])),
  }
}

export const brokenPage = (): StorageError =>
  new StorageError('Unexpected', 'The vendor says that a listing goes on, but not where.')
