import { demand } from './access.ts'
import { aclOfNewObject } from './acl.ts'
import { ApiError, invalid } from './api-error.ts'
import { type Content, checksumsOf } from './content.ts'
import { type Exchange, oneHeader } from './exchange.ts'
import { type JsonObject, textMember } from './json.ts'
import { checkObjectName } from './names.ts'
import { readFields } from './object-fields.ts'
import { type Conditions, checkConditions } from './preconditions.ts'
import { type Bucket, nextMoment, type ObjectFields, retire, type StoredObject } from './state.ts'

/** What the checksums of an upload have to be, base64; those that the client left out are not asked about. */
export interface ExpectedChecksums {
  readonly md5Hash: string | undefined
  readonly crc32c: string | undefined
}

/** An object that was described and whose bytes are still to come. */
export interface ObjectPlan {
  readonly name: string
  readonly fields: ObjectFields
  readonly acl: StoredObject['acl']
  readonly owner: string
  readonly expected: ExpectedChecksums
  readonly conditions: Conditions
  readonly keySha256: string | undefined
}

/** From `X-Goog-Hash: crc32c=…,md5=…` and `Content-MD5`. */
export function checksumsInHeaders(headers: Exchange['headers']): ExpectedChecksums {
  const listed = (oneHeader(headers, 'x-goog-hash') ?? '').split(',').map((one) => one.trim())
  const named = (name: string): string | undefined =>
    listed.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
  return { md5Hash: named('md5') ?? oneHeader(headers, 'content-md5'), crc32c: named('crc32c') }
}

export const checksumsInBody = (body: JsonObject): ExpectedChecksums => ({
  md5Hash: textMember(body, 'md5Hash'),
  crc32c: textMember(body, 'crc32c'),
})

/** May be written over: not where somebody holds it, nor without the right to delete. */
export function checkReplaceable(exchange: Exchange, bucket: Bucket, found: StoredObject | undefined): void {
  if (!found) return
  demand(exchange, 'storage.objects.delete', bucket, found)
  const hold = found.fields.temporaryHold ? 'Temporary' : found.fields.eventBasedHold ? 'Event-Based' : undefined
  if (hold === undefined) return
  throw new ApiError(
    403,
    'forbidden',
    `Object '${bucket.name}/${found.name}' is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
  )
}

/** The name in the metadata and that in the query, if both are there, have to be the same. */
export function nameOfUpload(query: URLSearchParams, body: JsonObject): string {
  const inQuery = query.get('name') ?? undefined
  const inBody = textMember(body, 'name')
  if (inQuery !== undefined && inBody !== undefined && inQuery !== inBody) {
    throw invalid(`Value '${inBody}' in content does not agree with value '${inQuery}'.`)
  }
  return checkObjectName(inBody ?? inQuery)
}

export interface PlanSource {
  readonly name: string
  readonly body: JsonObject
  readonly fields: ObjectFields
  readonly conditions: Conditions
  readonly expected: ExpectedChecksums
  readonly keySha256: string | undefined
  /** The parameter that names predefined access: another one for copies. */
  readonly aclParameter: 'predefinedAcl' | 'destinationPredefinedAcl'
}

/** Checks what can be known before the bytes come: rights, names, access, preconditions. */
export function planObject(exchange: Exchange, bucket: Bucket, source: PlanSource): ObjectPlan {
  demand(exchange, 'storage.objects.create', bucket)
  const found = bucket.live.get(source.name)
  checkConditions(source.conditions, found)
  checkReplaceable(exchange, bucket, found)
  return {
    name: source.name,
    fields: { ...source.fields, storageClass: source.fields.storageClass ?? textMember(bucket.fields, 'storageClass') },
    acl: aclOfNewObject(bucket, exchange.query, source.body, source.aclParameter),
    owner: exchange.caller?.email ?? 'allUsers',
    expected: source.expected,
    conditions: source.conditions,
    keySha256: source.keySha256,
  }
}

/** @param known what the checksums of the content are already known to be */
export async function storeObject(
  bucket: Bucket,
  plan: ObjectPlan,
  content: Content,
  known?: Pick<StoredObject, 'checksums' | 'components'>,
): Promise<StoredObject> {
  const checksums = known?.checksums ?? (await checksumsOf(content))
  compare('MD5 hash', plan.expected.md5Hash, checksums.md5Hash)
  compare('CRC32C', plan.expected.crc32c, checksums.crc32c)
  // Somebody else may have written while the bytes came.
  checkConditions(plan.conditions, bucket.live.get(plan.name))
  const { now, generation } = nextMoment()
  const object: StoredObject = {
    name: plan.name,
    generation,
    metageneration: 1,
    content,
    checksums,
    fields: plan.fields,
    acl: plan.acl,
    owner: plan.owner,
    created: now,
    updated: now,
    classUpdated: now,
    components: known?.components,
    keySha256: plan.keySha256,
  }
  retire(bucket, plan.name)
  bucket.live.set(plan.name, object)
  return object
}

function compare(what: string, said: string | undefined, real: string | undefined): void {
  if (said === undefined || real === undefined || said === real) return
  throw invalid(`Provided ${what} "${said}" doesn't match calculated ${what} "${real}".`)
}

/** The parts of a resource that an upload's headers and query say as well; the resource wins. */
export function fieldsOfUpload(
  query: URLSearchParams,
  body: JsonObject,
  contentType: string | undefined,
): ObjectFields {
  const fields = readFields(body)
  return {
    ...fields,
    contentType: fields.contentType ?? contentType,
    contentEncoding: fields.contentEncoding ?? query.get('contentEncoding') ?? undefined,
  }
}
