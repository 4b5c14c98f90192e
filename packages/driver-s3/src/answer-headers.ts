import type { ObjectAnswer } from './adapt.ts'
import { digestKey, timeKey } from './metadata.ts'

/** What the headers of an answer tell of an object. `text` gives the field of a name in lower case. */
export function answerOf(text: (name: string) => string | undefined): ObjectAnswer {
  const length = text('content-length')
  const modified = Date.parse(text('last-modified') ?? '')
  const metadata: Record<string, string> = {}
  for (const name of [timeKey, digestKey]) {
    const value = text(`x-amz-meta-${name}`)
    if (value !== undefined) metadata[name] = value
  }
  return {
    ContentLength: length === undefined ? undefined : Number(length),
    ContentType: text('content-type'),
    ContentRange: text('content-range'),
    ETag: text('etag'),
    LastModified: Number.isNaN(modified) ? undefined : new Date(modified),
    Metadata: metadata,
  }
}
