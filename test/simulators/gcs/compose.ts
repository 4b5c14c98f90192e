import { invalid, notFound, required } from './api-error.ts'
import { demand } from './access.ts'
import { findBucket } from './buckets.ts'
import { checksumsOf, contentOf } from './content.ts'
import { checkKey, readKey } from './customer-keys.ts'
import { type Answer, type Exchange, place, readBody } from './exchange.ts'
import { arrayMember, integerMember, isObject, objectMember, parseJsonObject, textMember } from './json.ts'
import { checkObjectName } from './names.ts'
import { readFields } from './object-fields.ts'
import { showObject } from './objects.ts'
import { checkConditions, readConditions } from './preconditions.ts'
import { type Bucket, findVersion, type StoredObject } from './state.ts'
import { planObject, storeObject } from './storing.ts'

const mostSources = 32

function findSource(exchange: Exchange, bucket: Bucket, value: unknown): StoredObject {
  const source = isObject(value) ? value : {}
  const name = textMember(source, 'name')
  if (name === undefined) throw required('sourceObjects.name')
  const found = findVersion(bucket, name, integerMember(source, 'generation'))
  demand(exchange, 'storage.objects.get', bucket, found)
  if (!found) throw notFound(`Object not found: ${bucket.name}/${name}`)
  const match = integerMember(objectMember(source, 'objectPreconditions') ?? {}, 'ifGenerationMatch')
  checkConditions({ ...none, generationMatch: match }, found)
  return found
}

const none = {
  generationNotMatch: undefined,
  metagenerationMatch: undefined,
  metagenerationNotMatch: undefined,
}

/** …/storage/docs/composite-objects: a composed object has a CRC32C and no MD5. */
export async function composeObject(exchange: Exchange): Promise<Answer> {
  const body = parseJsonObject(await readBody(exchange.incoming, 1_048_576))
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  const listed = arrayMember(body, 'sourceObjects') ?? []
  if (listed.length === 0) throw invalid('You must provide at least one source component.')
  if (listed.length > mostSources) {
    throw invalid(`The number of source components provided (${listed.length}) exceeds the maximum (${mostSources}).`)
  }
  const keySha256 = readKey(exchange.headers)
  const sources = listed.map((one) => findSource(exchange, bucket, one))
  for (const source of sources) checkKey(source, keySha256)
  const description = objectMember(body, 'destination') ?? {}
  const plan = planObject(exchange, bucket, {
    name: checkObjectName(place(exchange, 'object')),
    body: description,
    fields: readFields(description),
    conditions: readConditions(exchange.query),
    // The vendor's tools describe the new object as they would its first source, checksums included.
    expected: { md5Hash: undefined, crc32c: undefined },
    keySha256,
    aclParameter: 'destinationPredefinedAcl',
  })
  const content = contentOf(sources.flatMap((source) => source.content.pieces))
  const { crc32c } = await checksumsOf(content)
  const components = sources.reduce((sum, source) => sum + (source.components ?? 1), 0)
  const object = await storeObject(bucket, plan, content, { checksums: { crc32c }, components })
  return showObject(exchange, { bucket, object }, keySha256)
}
