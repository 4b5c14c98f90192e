import { demand, demandInProject } from './access.ts'
import { aclsOfNewBucket, readAcl, refuseUnderUniformAccess } from './acl.ts'
import { ApiError, invalid, notFound, required } from './api-error.ts'
import { checkStorageClass, makeBucket, mergeFields, setFields, settable } from './bucket-fields.ts'
import {
  type Answer,
  type Exchange,
  json,
  oneOfParameter,
  place,
  type Project,
  readBody,
  requiredParameter,
  type Simulation,
} from './exchange.ts'
import { type JsonObject, parseJsonObject, textMember } from './json.ts'
import { pageSize, readPageToken, writePageToken } from './paging.ts'
import { checkConditions, checkTags, readConditions } from './preconditions.ts'
import { bucketResource, entityTag } from './resources.ts'
import { type Bucket, compareNames } from './state.ts'

const projections = ['full', 'noAcl']

/** The bucket of the request, or 404. */
export function findBucket({ simulation }: Exchange, name: string): Bucket {
  const bucket = simulation.buckets.get(name)
  if (!bucket) throw notFound('The specified bucket does not exist.')
  return bucket
}

function findProject(simulation: Simulation, caller: Exchange['caller'], named: string): Project {
  const found = simulation.projects.find(({ id, number }) => id === named || number === named)
  if (found) return found
  throw invalidProject(caller, named)
}

const invalidProject = (caller: Exchange['caller'], named: string): ApiError =>
  /^\d+$|^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(named)
    ? new ApiError(
        403,
        'forbidden',
        `${caller?.email ?? 'Anonymous caller'} does not have storage.buckets.list access to the Google Cloud project.`,
      )
    : invalid(`Unknown project id: ${named}`)

export async function insertBucket(exchange: Exchange): Promise<Answer> {
  const { simulation, query, caller, incoming, origin } = exchange
  const body = parseJsonObject(await readBody(incoming, 1_048_576))
  demandInProject(caller, 'storage.buckets.create')
  const project = findProject(simulation, caller, requiredParameter(query, 'project'))
  const projection = oneOfParameter(query, 'projection', projections)
  const bucket = makeBucket(body, query, project.number)
  const taken = simulation.buckets.get(bucket.name)
  if (taken) {
    const own = simulation.projects.some(({ number }) => number === taken.project)
    throw new ApiError(
      409,
      'conflict',
      own
        ? 'Your previous request to create the named bucket succeeded and you already own it.'
        : 'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    )
  }
  simulation.buckets.set(bucket.name, bucket)
  return json(bucketResource(origin, bucket, projection === 'full'))
}

export function listBuckets({ simulation, query, caller, origin }: Exchange): Answer {
  demandInProject(caller, 'storage.buckets.list')
  const project = findProject(simulation, caller, requiredParameter(query, 'project'))
  const full = oneOfParameter(query, 'projection', projections) === 'full'
  const prefix = query.get('prefix') ?? ''
  const after = query.get('pageToken') === null ? undefined : readPageToken(query.get('pageToken') ?? '')
  const names = [...simulation.buckets.values()]
    .filter(({ project: owner, name }) => owner === project.number && name.startsWith(prefix))
    .filter(({ name }) => after === undefined || compareNames(name, after) > 0)
    .sort((one, two) => compareNames(one.name, two.name))
  const page = names.slice(0, pageSize(simulation, query))
  const last = page.at(-1)
  return json({
    kind: 'storage#buckets',
    ...(last && page.length < names.length && { nextPageToken: writePageToken(last.name) }),
    ...(page.length > 0 && { items: page.map((bucket) => bucketResource(origin, bucket, full)) }),
  })
}

export function getBucket(exchange: Exchange): Answer {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.buckets.get', bucket)
  checkConditions(readConditions(exchange.query), bucket, true)
  checkTags(exchange.headers, entityTag(bucket), true)
  return showBucket(exchange, bucket)
}

function showBucket({ origin, query }: Exchange, bucket: Bucket): Answer {
  const full = oneOfParameter(query, 'projection', projections) === 'full'
  return json(bucketResource(origin, bucket, full), { etag: entityTag(bucket) })
}

export function getStorageLayout(exchange: Exchange): Answer {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.objects.list', bucket)
  const { location, locationType } = bucket.fields
  const hierarchicalNamespace = { enabled: false }
  return json({ kind: 'storage#storageLayout', bucket: bucket.name, location, locationType, hierarchicalNamespace })
}

/** Managed folders carry rights of their own; there are none here. */
export function listManagedFolders(exchange: Exchange): Answer {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.objects.list', bucket)
  return json({ kind: 'storage#managedFolders' })
}

export function deleteBucket(exchange: Exchange): Answer {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.buckets.delete', bucket)
  checkConditions(readConditions(exchange.query), bucket)
  if (bucket.live.size + bucket.archived.length > 0) {
    throw new ApiError(409, 'conflict', 'The bucket you tried to delete is not empty.')
  }
  exchange.simulation.buckets.delete(bucket.name)
  return { status: 204 }
}

export const patchBucket = (exchange: Exchange): Promise<Answer> => change(exchange, mergeFields)

export const updateBucket = (exchange: Exchange): Promise<Answer> =>
  change(exchange, ({ location, locationType }, body) => ({
    location,
    locationType,
    storageClass: 'STANDARD',
    ...body,
  }))

async function change(
  exchange: Exchange,
  combine: (present: JsonObject, change: JsonObject) => JsonObject,
): Promise<Answer> {
  const body = parseJsonObject(await readBody(exchange.incoming, 1_048_576))
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.buckets.update', bucket)
  checkConditions(readConditions(exchange.query), bucket)
  checkTags(exchange.headers, entityTag(bucket))
  const location = textMember(body, 'location')
  if (location !== undefined && location.toUpperCase() !== bucket.fields['location']) {
    throw invalid('The location of a bucket cannot be changed.')
  }
  const allowed = Object.fromEntries(Object.entries(body).filter(([name]) => settable.includes(name)))
  const fields = combine(bucket.fields, allowed)
  if (fields['storageClass'] === undefined) throw required('storageClass')
  checkStorageClass(textMember(fields, 'storageClass'))
  const acl = readAcl(body)
  if (acl) refuseUnderUniformAccess(bucket, 'update access control for a bucket')
  const isPredefined = ['predefinedAcl', 'predefinedDefaultObjectAcl'].some((name) => exchange.query.has(name))
  const predefined = isPredefined ? aclsOfNewBucket(fields, exchange.query, bucket.project) : undefined
  bucket.fields = { ...fields, ...setFields(fields) }
  if (acl) bucket.acl = acl
  else if (predefined && exchange.query.has('predefinedAcl')) bucket.acl = predefined.acl
  if (predefined && exchange.query.has('predefinedDefaultObjectAcl'))
    bucket.defaultObjectAcl = predefined.defaultObjectAcl
  bucket.metageneration += 1
  bucket.updated = Date.now()
  return showBucket(exchange, bucket)
}
