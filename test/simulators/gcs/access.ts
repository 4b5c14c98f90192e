import { ApiError, invalid } from './api-error.ts'
import { type Exchange, oneHeader, type Simulation } from './exchange.ts'
import { objectMember } from './json.ts'
import { permissionsOfRole, permissionsOfScope } from './permissions.ts'
import type { AclEntry, Bucket, StoredObject } from './state.ts'

/** Who a token was given to, and for what. */
export interface Account {
  readonly email: string
  readonly scopes: readonly string[]
  /** Of the project of the simulator, with all rights; others are strangers whom only buckets and objects let in. */
  readonly member: boolean
}

/** `undefined` is somebody who did not log in. */
export type Caller = Account | undefined

/** Finds the account of a token; `undefined` for an unknown, ended or withdrawn one. */
export type FindAccount = (token: string) => Account | undefined

/** Everybody who comes without a token counts as this one, where the simulator is told to ask for none. */
export const trusted: Account = {
  email: 'trusted@example.com',
  scopes: ['https://www.googleapis.com/auth/cloud-platform'],
  member: true,
}

export function identify(authorization: string | undefined, parameter: string | null, find: FindAccount): Caller {
  if (authorization === undefined && parameter === null) return undefined
  const token = parameter ?? /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  const account = token === undefined ? undefined : find(token)
  if (account) return account
  throw new ApiError(401, 'authError', 'Invalid Credentials', {
    locationType: 'header',
    location: 'Authorization',
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  })
}

function refuse(caller: Caller, permission: string, resource: string): ApiError {
  const about = `Permission '${permission}' denied on resource (or it may not exist).`
  if (caller)
    return new ApiError(
      403,
      'forbidden',
      `${caller.email} does not have ${permission} access to the ${resource}. ${about}`,
    )
  return new ApiError(
    401,
    'required',
    `Anonymous caller does not have ${permission} access to the ${resource}. ${about}`,
    {
      locationType: 'header',
      location: 'Authorization',
    },
  )
}

function checkScopes(caller: Caller, permission: string): void {
  if (!caller || caller.scopes.some((scope) => permissionsOfScope(scope, permission))) return
  throw new ApiError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"' },
  })
}

/** Refuses whoever may not do this in the project. */
export function demandInProject(caller: Caller, permission: string): void {
  checkScopes(caller, permission)
  if (!caller?.member) throw refuse(caller, permission, 'Google Cloud project')
}

const isOwner = (simulation: Simulation, caller: Caller, bucket: Bucket): boolean =>
  caller?.member === true && simulation.projects.some(({ number }) => number === bucket.project)

const isMember = (caller: Caller, member: string): boolean =>
  member === 'allUsers' ||
  (caller !== undefined &&
    (member === 'allAuthenticatedUsers' ||
      [`user:${caller.email}`, `serviceAccount:${caller.email}`, `user-${caller.email}`].includes(member)))

const legacyRoles: Readonly<Record<'bucket' | 'object', Readonly<Record<AclEntry['role'], string>>>> = {
  bucket: {
    READER: 'roles/storage.legacyBucketReader',
    WRITER: 'roles/storage.legacyBucketWriter',
    OWNER: 'roles/storage.legacyBucketOwner',
  },
  object: {
    READER: 'roles/storage.legacyObjectReader',
    WRITER: 'roles/storage.legacyObjectReader',
    OWNER: 'roles/storage.legacyObjectOwner',
  },
}

/** Refuses whoever may not do this: by the project, by the bucket's policy, or by the access lists. */
export function demand(exchange: Exchange, permission: string, bucket: Bucket, object?: StoredObject): void {
  const { caller, simulation } = exchange
  checkUserProject(exchange, bucket)
  checkScopes(caller, permission)
  if (isOwner(simulation, caller, bucket)) return
  const grants = [
    ...bucket.iam.flatMap(({ role, members }) => members.map((member) => ({ role, member }))),
    ...bucket.acl.map(({ entity, role }) => ({ role: legacyRoles.bucket[role], member: entity })),
    ...(object?.acl ?? []).map(({ entity, role }) => ({ role: legacyRoles.object[role], member: entity })),
  ]
  const allowed = grants.some(({ role, member }) => isMember(caller, member) && permissionsOfRole(role, permission))
  if (allowed) return
  const resource =
    permission.startsWith('storage.objects') && permission !== 'storage.objects.list' ? 'object' : 'bucket'
  throw refuse(caller, permission, `Google Cloud Storage ${resource}`)
}

/** cloud.google.com/storage/docs/requester-pays#access-requirements */
function checkUserProject({ caller, query, headers, simulation }: Exchange, bucket: Bucket): void {
  // The header is the other way to name it, and comes first (…/storage/docs/json_api#standard-parameters).
  const named = oneHeader(headers, 'x-goog-user-project') ?? query.get('userProject') ?? undefined
  if (named !== undefined) {
    if (!caller) throw refuse(caller, 'serviceusage.services.use', 'Google Cloud project')
    const known = simulation.projects.some(({ id, number }) => id === named || number === named)
    if (!known) throw invalid(`User project specified in the request is invalid: ${named}`)
    if (!caller.member) throw refuse(caller, 'serviceusage.services.use', 'Google Cloud project')
    return
  }
  const paying = objectMember(bucket.fields, 'billing')?.['requesterPays'] === true
  if (paying && !isOwner(simulation, caller, bucket)) {
    throw new ApiError(400, 'required', 'Bucket is requester pays bucket but no user project provided.')
  }
}
