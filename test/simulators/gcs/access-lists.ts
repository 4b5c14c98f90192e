import { demand } from './access.ts'
import { readAclEntry, refuseUnderUniformAccess } from './acl.ts'
import { invalid } from './api-error.ts'
import { findBucket } from './buckets.ts'
import { type Answer, type Exchange, json, place, readBody } from './exchange.ts'
import { arrayMember, isObject, type JsonObject, parseJsonObject, textMember } from './json.ts'
import { findObject, type FoundObject } from './objects.ts'
import { isRole } from './permissions.ts'
import { objectAcl, bucketAcl, entityTag } from './resources.ts'
import type { Bucket, IamBinding } from './state.ts'

function objectOf(exchange: Exchange, permission: string): FoundObject {
  const found = findObject(exchange, permission, {
    bucket: place(exchange, 'bucket'),
    object: place(exchange, 'object'),
  })
  refuseUnderUniformAccess(found.bucket, 'get legacy ACL for an object')
  return found
}

export function listObjectAcl(exchange: Exchange): Answer {
  const { bucket, object } = objectOf(exchange, 'storage.objects.getIamPolicy')
  return json({ kind: 'storage#objectAccessControls', items: objectAcl(exchange.origin, bucket, object) })
}

export async function insertObjectAcl(exchange: Exchange): Promise<Answer> {
  const entry = readAclEntry(parseJsonObject(await readBody(exchange.incoming, 65_536)))
  const { bucket, object } = objectOf(exchange, 'storage.objects.setIamPolicy')
  object.acl = [...object.acl.filter(({ entity }) => entity !== entry.entity), entry]
  object.metageneration += 1
  return json(objectAcl(exchange.origin, bucket, object).at(-1))
}

export function listBucketAcl(exchange: Exchange): Answer {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, 'storage.buckets.getIamPolicy', bucket)
  refuseUnderUniformAccess(bucket, 'get legacy ACL for a bucket')
  return json({ kind: 'storage#bucketAccessControls', items: bucketAcl(exchange.origin, bucket) })
}

function bucketOf(exchange: Exchange, permission: string): Bucket {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  demand(exchange, permission, bucket)
  return bucket
}

const policy = (bucket: Bucket): Answer =>
  json({
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket.name}`,
    version: 1,
    etag: entityTag(bucket),
    bindings: bucket.iam,
  })

export const getBucketPolicy = (exchange: Exchange): Answer =>
  policy(bucketOf(exchange, 'storage.buckets.getIamPolicy'))

export async function setBucketPolicy(exchange: Exchange): Promise<Answer> {
  const body = parseJsonObject(await readBody(exchange.incoming, 1_048_576))
  const bucket = bucketOf(exchange, 'storage.buckets.setIamPolicy')
  bucket.iam = readBindings(body)
  bucket.metageneration += 1
  return policy(bucket)
}

export function readBindings(body: JsonObject): readonly IamBinding[] {
  return (arrayMember(body, 'bindings') ?? []).map((value) => {
    const binding = isObject(value) ? value : {}
    const role = textMember(binding, 'role') ?? ''
    if (!isRole(role)) throw invalid(`Role ${role} is not supported for this resource.`)
    const members = (arrayMember(binding, 'members') ?? []).map((member) => {
      if (typeof member === 'string') return member
      throw invalid('Invalid value for field members.')
    })
    return { role, members }
  })
}

export function testBucketPermissions(exchange: Exchange): Answer {
  const bucket = findBucket(exchange, place(exchange, 'bucket'))
  const asked = exchange.query.getAll('permissions')
  const permissions = asked.filter((permission) => {
    try {
      demand(exchange, permission, bucket)
      return true
    } catch {
      return false
    }
  })
  return json({ kind: 'storage#testIamPermissionsResponse', ...(permissions.length > 0 && { permissions }) })
}
