import { aclsOfNewBucket, isUniform } from './acl.ts'
import { invalid } from './api-error.ts'
import { isObject, type JsonObject, objectMember, textMember } from './json.ts'
import { checkBucketName } from './names.ts'
import { type Bucket, nextMoment } from './state.ts'

const storageClasses = [
  'STANDARD',
  'NEARLINE',
  'COLDLINE',
  'ARCHIVE',
  'MULTI_REGIONAL',
  'REGIONAL',
  'DURABLE_REDUCED_AVAILABILITY',
]
const multiRegions = ['US', 'EU', 'ASIA']
const dualRegions = ['NAM4', 'EUR4', 'EUR5', 'EUR7', 'EUR8', 'ASIA1']

/** What a client may set of a bucket, besides its access lists. */
export const settable = [
  'autoclass',
  'billing',
  'cors',
  'customPlacementConfig',
  'defaultEventBasedHold',
  'encryption',
  'iamConfiguration',
  'labels',
  'lifecycle',
  'logging',
  'retentionPolicy',
  'rpo',
  'softDeletePolicy',
  'storageClass',
  'versioning',
  'website',
]

export function checkStorageClass(name: string | undefined): string | undefined {
  if (name !== undefined && !storageClasses.includes(name)) throw invalid(`The storage class ${name} is not valid.`)
  return name
}

/** What a bucket consists of that is made from `body`; the name is checked, whether it is free is not. */
export function makeBucket(body: JsonObject, query: URLSearchParams, project: string): Bucket {
  const name = checkBucketName(textMember(body, 'name'))
  const location = (textMember(body, 'location') ?? 'US').toUpperCase()
  const region =
    multiRegions.includes(location) || dualRegions.includes(location) || /^[A-Z]+-[A-Z]+\d+$/.test(location)
  if (!region) throw invalid(`The specified location constraint is not valid.`)
  const { now, generation } = nextMoment()
  const fields = {
    location,
    locationType: multiRegions.includes(location)
      ? 'multi-region'
      : dualRegions.includes(location)
        ? 'dual-region'
        : 'region',
    storageClass: checkStorageClass(textMember(body, 'storageClass')) ?? 'STANDARD',
    ...setFields(body),
  }
  return {
    name,
    project,
    created: now,
    updated: now,
    generation,
    metageneration: 1,
    fields,
    ...aclsOfNewBucket(fields, query, project),
    iam: [],
    live: new Map(),
    archived: [],
  }
}

export function setFields(body: JsonObject): JsonObject {
  const set = Object.fromEntries(settable.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])))
  const configuration = objectMember(set, 'iamConfiguration')
  if (!configuration) return set
  // The service shows the setting by both its names, whichever it was set by.
  const level = { enabled: isUniform(set) }
  return {
    ...set,
    iamConfiguration: {
      publicAccessPrevention: 'inherited',
      ...configuration,
      uniformBucketLevelAccess: level,
      bucketPolicyOnly: level,
    },
  }
}

/** `null` takes a member away; of labels and objects like it, each of their members alone (JSON merge patch). */
export function mergeFields(present: JsonObject, change: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...present }
  for (const [name, value] of Object.entries(change)) {
    const before = merged[name]
    if (value === null) delete merged[name]
    else merged[name] = isObject(value) ? mergeFields(isObject(before) ? before : {}, value) : value
  }
  return merged
}
