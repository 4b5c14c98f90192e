import { readKey } from './customer-keys.ts'
import type { Exchange } from './exchange.ts'
import type { JsonObject } from './json.ts'
import { readConditions } from './preconditions.ts'
import type { Bucket } from './state.ts'
import {
  checksumsInBody,
  checksumsInHeaders,
  fieldsOfUpload,
  nameOfUpload,
  type ObjectPlan,
  planObject,
} from './storing.ts'

/** What an upload is to become, from its metadata, its query and its headers. */
export function planUpload(
  exchange: Exchange,
  bucket: Bucket,
  body: JsonObject,
  contentType: string | undefined,
): ObjectPlan {
  const { query, headers } = exchange
  const inBody = checksumsInBody(body)
  const inHeaders = checksumsInHeaders(headers)
  return planObject(exchange, bucket, {
    name: nameOfUpload(query, body),
    body,
    fields: fieldsOfUpload(query, body, contentType),
    conditions: readConditions(query),
    expected: { md5Hash: inBody.md5Hash ?? inHeaders.md5Hash, crc32c: inBody.crc32c ?? inHeaders.crc32c },
    keySha256: readKey(headers),
    aclParameter: 'predefinedAcl',
  })
}
