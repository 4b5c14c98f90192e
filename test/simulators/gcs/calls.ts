import {
  getBucketPolicy,
  insertObjectAcl,
  listBucketAcl,
  listObjectAcl,
  setBucketPolicy,
  testBucketPermissions,
} from './access-lists.ts'
import {
  deleteBucket,
  getBucket,
  getStorageLayout,
  listManagedFolders,
  insertBucket,
  listBuckets,
  patchBucket,
  updateBucket,
} from './buckets.ts'
import { composeObject } from './compose.ts'
import type { Answer, Exchange } from './exchange.ts'
import { listObjects } from './object-list.ts'
import { deleteObject, getObject, patchObject, updateObject } from './objects.ts'
import { cancelUpload, continueUpload } from './resumable.ts'
import { copyObject, moveObject, rewriteObject } from './rewrite.ts'
import { insertElsewhere, insertObject } from './uploads.ts'

/** One method of the API, named as in its reference: `objects.get`. */
export interface Call {
  readonly name: string
  readonly method: string
  /** `{…}` stands for one percent-encoded segment. */
  readonly path: string
  readonly answer: (exchange: Exchange) => Answer | Promise<Answer>
  /** The address of a session is all that a client needs to go on with an upload. */
  readonly needsNoLogin?: boolean
}

const object = '/storage/v1/b/{bucket}/o/{object}'
const upload = '/upload/storage/v1/b/{bucket}/o'

/** Both paths of the reference's media upload protocols. */
const uploads = [upload, `/resumable${upload}`].flatMap((path): Call[] => [
  { name: 'objects.insert', method: 'POST', path, answer: insertObject },
  { name: 'upload.continue', method: 'PUT', path, answer: continueUpload, needsNoLogin: true },
  { name: 'upload.cancel', method: 'DELETE', path, answer: cancelUpload, needsNoLogin: true },
])

export const calls: readonly Call[] = [
  { name: 'buckets.list', method: 'GET', path: '/storage/v1/b', answer: listBuckets },
  { name: 'buckets.insert', method: 'POST', path: '/storage/v1/b', answer: insertBucket },
  { name: 'buckets.get', method: 'GET', path: '/storage/v1/b/{bucket}', answer: getBucket },
  { name: 'buckets.patch', method: 'PATCH', path: '/storage/v1/b/{bucket}', answer: patchBucket },
  { name: 'buckets.update', method: 'PUT', path: '/storage/v1/b/{bucket}', answer: updateBucket },
  { name: 'buckets.delete', method: 'DELETE', path: '/storage/v1/b/{bucket}', answer: deleteBucket },
  {
    name: 'buckets.getStorageLayout',
    method: 'GET',
    path: '/storage/v1/b/{bucket}/storageLayout',
    answer: getStorageLayout,
  },
  {
    name: 'managedFolders.list',
    method: 'GET',
    path: '/storage/v1/b/{bucket}/managedFolders',
    answer: listManagedFolders,
  },
  { name: 'bucketAccessControls.list', method: 'GET', path: '/storage/v1/b/{bucket}/acl', answer: listBucketAcl },
  { name: 'buckets.getIamPolicy', method: 'GET', path: '/storage/v1/b/{bucket}/iam', answer: getBucketPolicy },
  { name: 'buckets.setIamPolicy', method: 'PUT', path: '/storage/v1/b/{bucket}/iam', answer: setBucketPolicy },
  {
    name: 'buckets.testIamPermissions',
    method: 'GET',
    path: '/storage/v1/b/{bucket}/iam/testPermissions',
    answer: testBucketPermissions,
  },
  { name: 'objects.list', method: 'GET', path: '/storage/v1/b/{bucket}/o', answer: listObjects },
  { name: 'objects.insert', method: 'POST', path: '/storage/v1/b/{bucket}/o', answer: insertElsewhere },
  { name: 'objects.get', method: 'GET', path: object, answer: getObject },
  { name: 'objects.get', method: 'GET', path: `/download${object}`, answer: getObject },
  { name: 'objects.patch', method: 'PATCH', path: object, answer: patchObject },
  { name: 'objects.update', method: 'PUT', path: object, answer: updateObject },
  { name: 'objects.delete', method: 'DELETE', path: object, answer: deleteObject },
  { name: 'objects.compose', method: 'POST', path: `${object}/compose`, answer: composeObject },
  { name: 'objects.copy', method: 'POST', path: `${object}/copyTo/b/{toBucket}/o/{toObject}`, answer: copyObject },
  {
    name: 'objects.rewrite',
    method: 'POST',
    path: `${object}/rewriteTo/b/{toBucket}/o/{toObject}`,
    answer: rewriteObject,
  },
  { name: 'objects.move', method: 'POST', path: `${object}/moveTo/o/{toObject}`, answer: moveObject },
  { name: 'objectAccessControls.list', method: 'GET', path: `${object}/acl`, answer: listObjectAcl },
  { name: 'objectAccessControls.insert', method: 'POST', path: `${object}/acl`, answer: insertObjectAcl },
  ...uploads,
]
