import { checkStorageClass } from './bucket-fields.ts'
import { invalid } from './api-error.ts'
import { booleanMember, type JsonObject, objectMember, textMember } from './json.ts'
import type { ObjectFields } from './state.ts'

/** cloud.google.com/storage/docs/metadata#custom-metadata: names and values together. */
const metadataLimit = 8192

function readMetadata(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const metadata = objectMember(body, 'metadata')
  if (!metadata) return undefined
  let size = 0
  const entries = Object.entries(metadata).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw invalid(`Invalid value for field metadata.${name}: ${JSON.stringify(value)}.`)
    size += Buffer.byteLength(name) + Buffer.byteLength(value)
    return [name, value]
  })
  if (size > metadataLimit) throw invalid(`The metadata of the object is larger than ${metadataLimit} bytes.`)
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function readTime(body: JsonObject, name: string): string | undefined {
  const value = textMember(body, name)
  if (value === undefined) return undefined
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/.test(value) || Number.isNaN(Date.parse(value))) {
    throw invalid(`Invalid value for field ${name}: ${value}.`)
  }
  return value
}

/** What a resource that a client sends sets. What the service itself fills in is passed over, as the service does. */
export const readFields = (body: JsonObject): ObjectFields => ({
  contentType: textMember(body, 'contentType'),
  contentEncoding: textMember(body, 'contentEncoding'),
  contentDisposition: textMember(body, 'contentDisposition'),
  contentLanguage: textMember(body, 'contentLanguage'),
  cacheControl: textMember(body, 'cacheControl'),
  customTime: readTime(body, 'customTime'),
  storageClass: checkStorageClass(textMember(body, 'storageClass')),
  metadata: readMetadata(body),
  temporaryHold: booleanMember(body, 'temporaryHold'),
  eventBasedHold: booleanMember(body, 'eventBasedHold'),
})
