import {
  byteSize,
  credentialsFile,
  description,
  encoding,
  flag,
  integer,
  optionalFlag,
  secretText,
  strictOptions,
  text,
} from '@filegate/core/options'
import type { z } from 'zod'
import { problemsTogether } from './options-together.ts'

const mebibyte = 1_048_576
/** The smallest part but for the last, and the largest request, of S3. */
export const smallestPart = 5 * mebibyte
export const largestRequest = 5120 * mebibyte

/** Names that a vendor makes up later must work too, so no list of values is closed. */
const each = strictOptions({
  provider: text().describe('Whose service it is: AWS, Ceph, Minio, ... It chooses what is sent and what is left out.'),
  access_key_id: text().describe('The public half of the key. Empty, together with the secret half: no login.'),
  secret_access_key: secretText().describe('The secret half of the key.'),
  session_token: secretText().describe('The third part of a temporary key.'),
  env_auth: flag()
    .prefault(false)
    .meta({ machineCredentials: true })
    .describe(
      'When no key is given, take one from the environment, the shared files or the machine this runs on. A server allows it with --credentials-dir only.',
    ),
  shared_credentials_file: credentialsFile().describe(
    'The file with keys by profile, for env_auth. Empty: ~/.aws/credentials.',
  ),
  profile: text().describe(
    'The section of the shared files, for env_auth. Empty: the default one. Never one that runs a program.',
  ),
  region: text().describe(
    'The region that requests are signed for; other-v2-signature means v2_auth. Empty: us-east-1.',
  ),
  // Required, but an empty one is Amazon's own.
  endpoint: text()
    .unwrap()
    .describe('Host or URL of the service, with a bucket in it if the connection shall show that bucket only.'),
  location_constraint: text().describe('Where new buckets are made, in the words of the vendor.'),
  force_path_style: flag()
    .prefault(true)
    .describe('Buckets stand in the path of the URL, unless the provider wants them in the host name.'),
  v2_auth: flag().prefault(false).describe('Sign in the old way (version 2), for services that know no other.'),
  use_dual_stack: flag().prefault(false).describe('Use the endpoints of Amazon that IPv6 reaches as well.'),
  use_accelerate_endpoint: flag().prefault(false).describe('Use the transfer acceleration of Amazon.'),
  acl: text().describe('Canned access list of new and copied objects, such as private or public-read.'),
  bucket_acl: text().describe('Canned access list of new buckets. Empty: that of objects.'),
  requester_pays: flag().prefault(false).describe('Agree to pay for requests to buckets that make the reader pay.'),
  storage_class: text().describe('Storage class of new and copied objects, such as STANDARD_IA or GLACIER.'),
  server_side_encryption: text().describe('How the vendor encrypts new objects: AES256 or aws:kms.'),
  sse_kms_key_id: text().describe('The key for aws:kms, as its ARN.'),
  sse_customer_algorithm: text().describe('AES256, if objects are encrypted with a key of your own.'),
  sse_customer_key: secretText().describe('Your own key, as its 32 characters.'),
  sse_customer_key_base64: secretText().describe('Your own key, in Base64; instead of sse_customer_key.'),
  sse_customer_key_md5: text().describe('MD5 of your own key in Base64, to prove it. Empty: computed.'),
  upload_cutoff: byteSize().prefault('209715200').describe('Files of this size and more are uploaded in parts.'),
  chunk_size: byteSize({ minimum: smallestPart, maximum: largestRequest })
    .prefault('5242880')
    .describe('Size of a part. It grows where a file would have too many.'),
  max_upload_parts: integer({ minimum: 1 }).prefault(10_000).describe('The most parts that an upload may have.'),
  upload_concurrency: integer({ minimum: 1, maximum: 256 })
    .prefault(4)
    .describe('Parts of a file under way at once; each takes up the memory of a part.'),
  copy_cutoff: byteSize({ minimum: 1 })
    .prefault('4999610368')
    .describe('Files larger than this are copied inside the service in parts of this size.'),
  disable_checksum: flag()
    .prefault(false)
    .describe('Neither check nor keep the MD5 of a whole file that is uploaded in parts.'),
  leave_parts_on_error: flag()
    .prefault(false)
    .describe('Leave the parts of a failed upload at the vendor, where they cost until removed.'),
  use_multipart_etag: optionalFlag().describe('Check the etag of an upload in parts. Unset: as the provider allows.'),
  use_multipart_uploads: optionalFlag().describe('Upload in parts. Set to false, each file goes in one request.'),
  use_presigned_request: flag().prefault(false).describe('Upload what goes in one request through a presigned URL.'),
  use_unsigned_payload: optionalFlag().describe(
    'Leave bodies out of the signature. Set to false, they are held in memory to be signed.',
  ),
  use_already_exists: optionalFlag().describe('Whether making a bucket that somebody has already is an error.'),
  no_check_bucket: flag().prefault(false).describe('Take it that buckets exist: neither look for them nor make them.'),
  no_head: flag().prefault(false).describe('Trust the answer to an upload instead of looking at the object again.'),
  no_head_object: flag()
    .prefault(false)
    .describe('Never ask with HEAD about an object: a GET of its first byte tells the same.'),
  no_system_metadata: flag().prefault(false).describe('Neither store nor show the content type of objects.'),
  list_chunk: integer({ minimum: 1 }).prefault(1000).describe('Entries that a page of a listing holds.'),
  list_version: integer({ minimum: 0, maximum: 2 })
    .prefault(0)
    .describe('Version of the listing call: 1, 2, or 0 for that of the provider.'),
  list_url_encode: optionalFlag().describe('Have keys encoded in listings, so that any character can be in them.'),
  directory_markers: flag().prefault(false).describe('Keep empty directories, as empty objects whose key ends in /.'),
  directory_bucket: flag().prefault(false).describe('The buckets are directory buckets of S3 Express.'),
  versions: flag()
    .prefault(false)
    .describe('Show older versions too, with their time in the name: a-v2024-05-01-101500-123.txt.'),
  version_deleted: flag()
    .prefault(false)
    .describe('With versions: show deletions as empty files; deleting one undoes it.'),
  version_at: text()
    .unwrap()
    .default('0001-01-01T00:00:00Z')
    .describe('Show everything as it was then, to be read only: a date, a time or an age such as 7d.'),
  download_url: text().describe('Where to download from instead, without login: the key is put behind this.'),
  use_accept_encoding_gzip: optionalFlag().describe('Ask for compressed downloads. Unset: unless that hurts.'),
  might_gzip: optionalFlag().describe('Whether the vendor may compress on the way, which is undone then.'),
  decompress: flag()
    .prefault(false)
    .describe('Show objects stored with gzip as what is in them. Their size is unknown then.'),
  encoding: encoding(50_331_650),
  sdk_log_mode: text()
    .unwrap()
    .default('0')
    .describe('What of the traffic goes to the log: Request, Response, RequestWithBody, Signing, All, Off, ...'),
  disable_http2: flag().prefault(false).describe('Without effect: this driver speaks HTTP/1.1 only.'),
  sts_endpoint: text().meta({ deprecated: true }).describe('Without effect: the endpoint of STS follows the region.'),
  memory_pool_flush_time: integer().prefault(60).meta({ deprecated: true }).describe('Without effect.'),
  memory_pool_use_mmap: flag().prefault(false).meta({ deprecated: true }).describe('Without effect.'),
  description: description(),
})

export type S3Options = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  for (const [option, message] of problemsTogether(given)) context.addIssue({ code: 'custom', path: [option], message })
})
