import { demand } from './access.ts'
import { aclOfNewObject, readAcl } from './acl.ts'
import { notFound } from './api-error.ts'
import { mergeFields } from './bucket-fields.ts'
import { findBucket } from './buckets.ts'
import { checkKey, readKey } from './customer-keys.ts'
import { type Answer, type Exchange, integerParameter, json, oneOfParameter, place, readBody } from './exchange.ts'
import { type JsonObject, parseJsonObject } from './json.ts'
import { answerMedia } from './media.ts'
import { readFields } from './object-fields.ts'
import { checkConditions, checkTags, type Conditions, readConditions } from './preconditions.ts'
import { entityTag, objectResource } from './resources.ts'
import { checkReplaceable } from './storing.ts'
import { type Bucket, findVersion, nextMoment, retire, type StoredObject } from './state.ts'

export interface FoundObject {
  readonly bucket: Bucket
  readonly object: StoredObject
}

/** The version that is asked for, or 404: or a refusal, for somebody who may not learn what there is. */
export function findObject(
  exchange: Exchange,
  permission: string,
  names: { readonly bucket: string; readonly object: string; readonly generation?: number | undefined },
): FoundObject {
  const bucket = findBucket(exchange, names.bucket)
  const object = findVersion(bucket, names.object, names.generation)
  demand(exchange, permission, bucket, object)
  if (object) return { bucket, object }
  demand(exchange, 'storage.objects.list', bucket)
  throw notFound(`No such object: ${names.bucket}/${names.object}`)
}

const named = (exchange: Exchange, permission: string): FoundObject =>
  findObject(exchange, permission, {
    bucket: place(exchange, 'bucket'),
    object: place(exchange, 'object'),
    generation: integerParameter(exchange.query, 'generation'),
  })

export function getObject(exchange: Exchange): Answer {
  const { query, headers } = exchange
  const alt = oneOfParameter(query, 'alt', ['json', 'media'])
  const found = named(exchange, 'storage.objects.get')
  checkConditions(readConditions(query), found.object, true)
  checkTags(headers, entityTag(found.object), true)
  const key = readKey(headers)
  if (alt === 'media') {
    checkKey(found.object, key)
    return answerMedia(found.object, headers)
  }
  if (key !== undefined) checkKey(found.object, key)
  return showObject(exchange, found, key)
}

export function showObject(exchange: Exchange, { bucket, object }: FoundObject, keySha256?: string): Answer {
  const full = oneOfParameter(exchange.query, 'projection', ['full', 'noAcl']) === 'full'
  return json(objectResource(exchange.origin, bucket, object, { full, keySha256 }), { etag: entityTag(object) })
}

function demandConditions(exchange: Exchange, conditions: Conditions, object: StoredObject): void {
  checkConditions(conditions, object)
  checkTags(exchange.headers, entityTag(object))
}

export const patchObject = (exchange: Exchange): Promise<Answer> => change(exchange, mergeFields)

/** What an update does not name is taken away. */
export const updateObject = (exchange: Exchange): Promise<Answer> =>
  change(exchange, ({ storageClass }, body) => ({ storageClass, ...body }))

async function change(
  exchange: Exchange,
  combine: (present: JsonObject, change: JsonObject) => JsonObject,
): Promise<Answer> {
  const body = parseJsonObject(await readBody(exchange.incoming, 1_048_576))
  const found = named(exchange, 'storage.objects.update')
  const { bucket, object } = found
  demandConditions(exchange, readConditions(exchange.query), object)
  const fields = readFields(combine({ ...object.fields }, body))
  const hasAcl = readAcl(body) !== undefined || exchange.query.has('predefinedAcl')
  if (hasAcl) {
    demand(exchange, 'storage.objects.setIamPolicy', bucket, object)
    object.acl = aclOfNewObject(bucket, exchange.query, body, 'predefinedAcl')
  }
  object.fields = { ...fields, storageClass: object.fields.storageClass }
  object.metageneration += 1
  object.updated = nextMoment().now
  return showObject(exchange, found)
}

export function deleteObject(exchange: Exchange): Answer {
  const { bucket, object } = named(exchange, 'storage.objects.delete')
  demandConditions(exchange, readConditions(exchange.query), object)
  checkReplaceable(exchange, bucket, object)
  const archived = bucket.archived.indexOf(object)
  if (archived >= 0) bucket.archived.splice(archived, 1)
  // A version that is named is gone for good; without a name the live one is only replaced by nothing.
  else if (exchange.query.has('generation')) bucket.live.delete(object.name)
  else retire(bucket, object.name)
  return { status: 204 }
}
