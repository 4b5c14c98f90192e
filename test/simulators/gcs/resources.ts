import { isUniform } from './acl.ts'
import type { AclEntry, Bucket, StoredObject } from './state.ts'

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** Changes with everything that changes about a version. */
export const entityTag = ({
  generation,
  metageneration,
}: Pick<StoredObject, 'generation' | 'metageneration'>): string =>
  Buffer.from(`${generation.toString(36)}/${metageneration}`).toString('base64')

const objectPath = (bucket: Bucket, object: StoredObject): string =>
  `b/${encodeURIComponent(bucket.name)}/o/${encodeURIComponent(object.name)}`

export interface Projection {
  /** `projection=full`: the access list and the owner too. */
  readonly full?: boolean
  /** The digest of the key that the request brought. Only who knows an object's key sees its checksums. */
  readonly keySha256?: string | undefined
}

/** Undefined members do not appear in JSON. */
export function objectResource(
  origin: string,
  bucket: Bucket,
  object: StoredObject,
  projection: Projection = {},
): object {
  const { full = false, keySha256 } = projection
  const { fields } = object
  const path = objectPath(bucket, object)
  return {
    kind: 'storage#object',
    id: `${bucket.name}/${object.name}/${object.generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${object.generation}&alt=media`,
    name: object.name,
    bucket: bucket.name,
    generation: String(object.generation),
    metageneration: String(object.metageneration),
    contentType: fields.contentType,
    storageClass: fields.storageClass,
    size: String(object.content.size),
    ...((object.keySha256 === undefined || object.keySha256 === keySha256) && object.checksums),
    contentEncoding: fields.contentEncoding,
    contentDisposition: fields.contentDisposition,
    contentLanguage: fields.contentLanguage,
    cacheControl: fields.cacheControl,
    customTime: fields.customTime,
    temporaryHold: fields.temporaryHold,
    eventBasedHold: fields.eventBasedHold,
    metadata: fields.metadata,
    componentCount: object.components,
    ...(object.keySha256 !== undefined && {
      customerEncryption: { encryptionAlgorithm: 'AES256', keySha256: object.keySha256 },
    }),
    etag: entityTag(object),
    timeCreated: time(object.created),
    updated: time(object.updated),
    timeStorageClassUpdated: time(object.classUpdated),
    timeFinalized: time(object.created),
    ...(object.deleted !== undefined && { timeDeleted: time(object.deleted) }),
    ...(full &&
      !isUniform(bucket.fields) && {
        owner: { entity: `user-${object.owner}` },
        acl: objectAcl(origin, bucket, object),
      }),
  }
}

/** The one who made an object owns it. */
export function objectAcl(origin: string, bucket: Bucket, object: StoredObject): readonly object[] {
  const owner: AclEntry = { entity: `user-${object.owner}`, role: 'OWNER' }
  const path = objectPath(bucket, object)
  return [owner, ...object.acl].map((entry) => ({
    kind: 'storage#objectAccessControl',
    id: `${bucket.name}/${object.name}/${object.generation}/${entry.entity}`,
    selfLink: `${origin}/storage/v1/${path}/acl/${encodeURIComponent(entry.entity)}`,
    bucket: bucket.name,
    object: object.name,
    generation: String(object.generation),
    ...entry,
    etag: entityTag(object),
  }))
}

export function bucketAcl(origin: string, bucket: Bucket): readonly object[] {
  return bucket.acl.map((entry) => ({
    kind: 'storage#bucketAccessControl',
    id: `${bucket.name}/${entry.entity}`,
    selfLink: `${origin}/storage/v1/b/${bucket.name}/acl/${encodeURIComponent(entry.entity)}`,
    bucket: bucket.name,
    ...entry,
    etag: entityTag(bucket),
  }))
}

export function bucketResource(origin: string, bucket: Bucket, full = false): object {
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${origin}/storage/v1/b/${bucket.name}`,
    projectNumber: bucket.project,
    name: bucket.name,
    generation: String(bucket.generation),
    metageneration: String(bucket.metageneration),
    ...bucket.fields,
    timeCreated: time(bucket.created),
    updated: time(bucket.updated),
    etag: entityTag(bucket),
    ...(full &&
      !isUniform(bucket.fields) && {
        owner: { entity: `project-owners-${bucket.project}` },
        acl: bucketAcl(origin, bucket),
        defaultObjectAcl: bucket.defaultObjectAcl.map((entry) => ({
          kind: 'storage#objectAccessControl',
          ...entry,
        })),
      }),
  }
}
