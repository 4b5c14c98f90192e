import { ApiError, invalid, invalidParameter } from './api-error.ts'
import { isObject, type JsonObject, objectMember } from './json.ts'
import type { AclEntry, Bucket } from './state.ts'

const publicly = (role: AclEntry['role']): AclEntry => ({ entity: 'allUsers', role })
const everyAccount: AclEntry = { entity: 'allAuthenticatedUsers', role: 'READER' }

const team = (project: string, name: string, role: AclEntry['role']): AclEntry => ({
  entity: `project-${name}-${project}`,
  role,
})

type Predefined = Readonly<Record<string, (project: string) => readonly AclEntry[]>>

/** cloud.google.com/storage/docs/access-control/lists#predefined-acl */
const forObjects: Predefined = {
  private: () => [],
  projectPrivate: (project) => [
    team(project, 'owners', 'OWNER'),
    team(project, 'editors', 'OWNER'),
    team(project, 'viewers', 'READER'),
  ],
  authenticatedRead: () => [everyAccount],
  publicRead: () => [publicly('READER')],
  bucketOwnerRead: (project) => [team(project, 'owners', 'READER')],
  bucketOwnerFullControl: (project) => [team(project, 'owners', 'OWNER')],
}

const forBuckets: Predefined = {
  private: (project) => [team(project, 'owners', 'OWNER')],
  projectPrivate: (project) => [...(forObjects['projectPrivate']?.(project) ?? [])],
  authenticatedRead: (project) => [team(project, 'owners', 'OWNER'), everyAccount],
  publicRead: (project) => [team(project, 'owners', 'OWNER'), publicly('READER')],
  publicReadWrite: (project) => [team(project, 'owners', 'OWNER'), publicly('WRITER')],
}

/** Both the present name and the one it had before. */
export function isUniform(fields: JsonObject): boolean {
  const configuration = objectMember(fields, 'iamConfiguration') ?? {}
  return ['uniformBucketLevelAccess', 'bucketPolicyOnly'].some(
    (name) => objectMember(configuration, name)?.['enabled'] === true,
  )
}

const isClosedToPublic = (fields: JsonObject): boolean =>
  objectMember(fields, 'iamConfiguration')?.['publicAccessPrevention'] === 'enforced'

export function refuseUnderUniformAccess(bucket: Bucket, what: string): void {
  if (!isUniform(bucket.fields)) return
  throw invalid(
    `Cannot ${what} when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access`,
  )
}

function predefined(table: Predefined, parameter: string, name: string, project: string): readonly AclEntry[] {
  const entries = table[name]
  if (!entries) throw invalidParameter(parameter, name)
  return entries(project)
}

function checkPublic(fields: JsonObject, entries: readonly AclEntry[]): readonly AclEntry[] {
  if (!isClosedToPublic(fields) || !entries.some(({ entity }) => entity.startsWith('all'))) return entries
  throw conditionOfPublicAccess()
}

const conditionOfPublicAccess = (): ApiError =>
  new ApiError(
    412,
    'conditionNotMet',
    'The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.',
  )

/** The access that a new object gets: what the request names, else what its metadata lists, else the bucket's default. */
export function aclOfNewObject(
  bucket: Bucket,
  query: URLSearchParams,
  body: JsonObject,
  parameter: string,
): readonly AclEntry[] {
  const name = query.get(parameter)
  const listed = readAcl(body)
  if (name !== null || listed) refuseUnderUniformAccess(bucket, 'insert legacy ACL for an object')
  if (name !== null) return checkPublic(bucket.fields, predefined(forObjects, parameter, name, bucket.project))
  return checkPublic(bucket.fields, listed ?? bucket.defaultObjectAcl)
}

export function aclsOfNewBucket(
  fields: JsonObject,
  query: URLSearchParams,
  project: string,
): Pick<Bucket, 'acl' | 'defaultObjectAcl'> {
  const own = query.get('predefinedAcl')
  const objects = query.get('predefinedDefaultObjectAcl')
  if (isUniform(fields)) {
    if (own === null && objects === null) return { acl: [], defaultObjectAcl: [] }
    throw invalid(
      'Cannot use predefined ACLs when creating a bucket with uniform bucket-level access enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access',
    )
  }
  return {
    acl: checkPublic(fields, predefined(forBuckets, 'predefinedAcl', own ?? 'projectPrivate', project)),
    defaultObjectAcl: checkPublic(
      fields,
      predefined(forObjects, 'predefinedDefaultObjectAcl', objects ?? 'projectPrivate', project),
    ),
  }
}

/** The member `acl` of a resource that a client sends. */
export function readAcl(body: JsonObject): readonly AclEntry[] | undefined {
  const list = body['acl']
  if (list === undefined || list === null) return undefined
  if (!Array.isArray(list)) throw invalid('Invalid value for field acl.')
  return list.map(readAclEntry)
}

export function readAclEntry(value: unknown): AclEntry {
  const { entity, role } = isObject(value) ? value : {}
  if (typeof entity !== 'string' || (role !== 'READER' && role !== 'WRITER' && role !== 'OWNER')) {
    throw invalid('Invalid access control: entity and role are required.')
  }
  return { entity, role }
}
