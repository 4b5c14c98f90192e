import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { invalid, invalidParameter } from './api-error.ts'
import { findBucket } from './buckets.ts'
import { checkKey, readKey } from './customer-keys.ts'
import { type Answer, type Exchange, integerParameter, json, place, readBody, type Simulation } from './exchange.ts'
import { type JsonObject, parseJsonObject } from './json.ts'
import { checkObjectName } from './names.ts'
import { readFields } from './object-fields.ts'
import { findObject, type FoundObject, showObject } from './objects.ts'
import { checkConditions, readConditions } from './preconditions.ts'
import { objectResource } from './resources.ts'
import { type Bucket, type ObjectFields, retire, type StoredObject } from './state.ts'
import { checkReplaceable, type ObjectPlan, planObject, storeObject } from './storing.ts'

const mebibyte = 1_048_576
/** How far one call comes where bytes have to be moved and the client names no bound. */
const usualBytesPerCall = 1024 * mebibyte

/** A rewrite that takes more calls. */
export interface PendingRewrite {
  readonly places: Exchange['places']
  /** The version that is copied: another one cannot be gone on with. */
  readonly source: StoredObject
  /** What the first call asked for. */
  readonly query: URLSearchParams
  readonly described: ObjectFields
  readonly plan: ObjectPlan
  readonly step: number
  readonly done: number
}

function findSource(exchange: Exchange, bucket: string, object: string): FoundObject {
  const generation = integerParameter(exchange.query, 'sourceGeneration')
  const found = findObject(exchange, 'storage.objects.get', { bucket, object, generation })
  checkConditions(readConditions(exchange.query, 'Source'), found.object)
  return found
}

/**
 * The new object as the body describes it; without a description it takes over everything but the storage class and
 * the access, which come from the destination (…/storage/docs/json_api/v1/objects/rewrite).
 */
function planCopy(
  exchange: Exchange,
  source: StoredObject,
  bucket: Bucket,
  name: string,
  body: JsonObject,
): ObjectPlan {
  const described = readFields(body)
  const plain = Object.values(described).every((value) => value === undefined)
  return planObject(exchange, bucket, {
    name: checkObjectName(name),
    body,
    fields: plain ? { ...source.fields, storageClass: undefined, temporaryHold: undefined } : described,
    conditions: readConditions(exchange.query),
    expected: { md5Hash: undefined, crc32c: undefined },
    keySha256: readKey(exchange.headers),
    aclParameter: 'destinationPredefinedAcl',
  })
}

export async function copyObject(exchange: Exchange): Promise<Answer> {
  const body = parseJsonObject(await readBody(exchange.incoming, mebibyte))
  const { object: source } = findSource(exchange, place(exchange, 'bucket'), place(exchange, 'object'))
  const bucket = findBucket(exchange, place(exchange, 'toBucket'))
  const plan = planCopy(exchange, source, bucket, place(exchange, 'toObject'), body)
  // One key serves both sides of a copy.
  checkKey(source, plan.keySha256)
  const object = await storeObject(bucket, plan, source.content, source)
  return showObject(exchange, { bucket, object }, plan.keySha256)
}

/** How much of the object one call moves. */
function bytesPerCall({ rewriteBytesPerCall }: Simulation, query: URLSearchParams, isMove: boolean): number {
  const wanted = integerParameter(query, 'maxBytesRewrittenPerCall')
  if (wanted !== undefined && (wanted === 0 || wanted % mebibyte !== 0)) {
    throw invalidParameter('maxBytesRewrittenPerCall', String(wanted))
  }
  if (rewriteBytesPerCall !== undefined) return Math.min(rewriteBytesPerCall, wanted ?? rewriteBytesPerCall)
  // Between places and classes that are the same, nothing has to be moved.
  return isMove ? (wanted ?? usualBytesPerCall) : Number.POSITIVE_INFINITY
}

function beginRewrite(exchange: Exchange, body: JsonObject): PendingRewrite {
  const { places, query, simulation } = exchange
  const { bucket: from, object: source } = findSource(exchange, place(exchange, 'bucket'), place(exchange, 'object'))
  const bucket = findBucket(exchange, place(exchange, 'toBucket'))
  const plan = planCopy(exchange, source, bucket, place(exchange, 'toObject'), body)
  const step = bytesPerCall(simulation, query, isMoving(from, source, bucket, plan))
  return { places, source, query, described: readFields(body), plan, step, done: 0 }
}

const isMoving = (from: Bucket, source: StoredObject, bucket: Bucket, plan: ObjectPlan): boolean =>
  from.fields['location'] !== bucket.fields['location'] ||
  source.fields.storageClass !== plan.fields.storageClass ||
  source.keySha256 !== plan.keySha256

export async function rewriteObject(exchange: Exchange): Promise<Answer> {
  const { simulation, query, headers, origin } = exchange
  const body = parseJsonObject(await readBody(exchange.incoming, mebibyte))
  const token = query.get('rewriteToken') ?? ''
  const pending = token === '' ? beginRewrite(exchange, body) : continueRewrite(exchange, token, body)
  const { source, plan, step } = pending
  checkKey(source, readKey(headers, 'copy-source-'))
  const from = findBucket(exchange, place(exchange, 'bucket'))
  const bucket = findBucket(exchange, place(exchange, 'toBucket'))

  const total = source.content.size
  const done = Math.min(total, pending.done + step)
  const answer = { kind: 'storage#rewriteResponse', totalBytesRewritten: String(done), objectSize: String(total) }
  if (done < total) {
    const rewriteToken = randomBytes(24).toString('base64url')
    simulation.rewrites.set(rewriteToken, { ...pending, done })
    return json({ ...answer, done: false, rewriteToken })
  }
  // A composed object is in one piece after its bytes were moved.
  const isOnePiece = source.components !== undefined && isMoving(from, source, bucket, plan)
  const components = isOnePiece ? 1 : source.components
  const object = await storeObject(bucket, plan, source.content, { checksums: source.checksums, components })
  const projection = { full: query.get('projection') === 'full', keySha256: plan.keySha256 }
  return json({ ...answer, done: true, resource: objectResource(origin, bucket, object, projection) })
}

/** Parameters that have nothing to do with what is copied. */
const aside = [
  'rewriteToken',
  'alt',
  'fields',
  'projection',
  'prettyPrint',
  'userProject',
  'access_token',
  'key',
  'quotaUser',
]

/** A token is good for one call; what that call says again has to be what the first one said. */
function continueRewrite(exchange: Exchange, token: string, body: JsonObject): PendingRewrite {
  const { rewrites } = exchange.simulation
  const pending = rewrites.get(token)
  rewrites.delete(token)
  const names = { bucket: place(exchange, 'bucket'), object: place(exchange, 'object') }
  const generation = integerParameter(pending?.query ?? exchange.query, 'sourceGeneration')
  const { object: source } = findObject(exchange, 'storage.objects.get', { ...names, generation })
  const same =
    pending?.source === source &&
    isDeepStrictEqual(pending.places, exchange.places) &&
    [...exchange.query].every(([name, value]) => aside.includes(name) || pending.query.get(name) === value) &&
    Object.entries(readFields(body)).every(
      ([name, value]) =>
        value === undefined ||
        isDeepStrictEqual(value, Object.entries(pending.described).find(([other]) => other === name)?.[1]),
    )
  if (!pending || !same) throw invalid('The rewrite token is invalid.')
  return pending
}

/** Within a bucket: the new name takes over the metadata, and the old one is gone with the same call. */
export async function moveObject(exchange: Exchange): Promise<Answer> {
  const { bucket, object: source } = findSource(exchange, place(exchange, 'bucket'), place(exchange, 'object'))
  const name = place(exchange, 'toObject')
  if (name === source.name) throw invalid('The source and the destination of a move are the same object.')
  checkReplaceable(exchange, bucket, source)
  const plan = planCopy(exchange, source, bucket, name, {})
  const kept = { ...plan, fields: source.fields, keySha256: source.keySha256, acl: source.acl }
  const object = await storeObject(bucket, kept, source.content, source)
  retire(bucket, source.name)
  return showObject(exchange, { bucket, object }, source.keySha256)
}
