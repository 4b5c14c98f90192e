import type { S3 } from '@aws-sdk/client-s3'
import { Readable } from 'node:stream'
import { type ListingAnswer, parseListing } from './listing-text.ts'
import { isHttpResponse } from './requests.ts'

const listings: ReadonlySet<string | undefined> = new Set(['ListObjectsCommand', 'ListObjectsV2Command'])

/** Of this the library makes an answer with nothing in it. */
const nothing = Buffer.from('<ListBucketResult/>')

/**
 * Takes listings out of the answers before the library reads them, which would take it several times as long, and puts them into
 * what it makes of the rest. What is not plain, and every error, the library gets as it came.
 */
export function readListings(s3: S3): void {
  const read = new WeakMap<object, ListingAnswer>()
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args)
        const { response } = result
        if (!listings.has(commandName) || !isHttpResponse(response) || response.statusCode !== 200) return result
        const bytes = await bytesOf(response.body)
        const listing = bytes && parseListing(bytes.toString('utf8'))
        if (listing) read.set(response, listing)
        if (bytes) response.body = listing ? nothing : bytes
        return result
      },
    { step: 'deserialize', name: 'filegateListing', priority: 'low' },
  )
  s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const listing = isHttpResponse(result.response) ? read.get(result.response) : undefined
      if (listing && result.output) Object.assign(result.output, listing)
      return result
    },
    { step: 'deserialize', name: 'filegateListed', priority: 'high' },
  )
}

async function bytesOf(body: unknown): Promise<Buffer | undefined> {
  if (!(body instanceof Readable)) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of body) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return Buffer.concat(chunks)
}
