import { StorageError } from '@filegate/core'
import { createHash } from 'node:crypto'
import { type Endpoint, parseEndpoint } from './endpoint.ts'
import { largestRequest, type S3Options } from './options.ts'
import { type Preset, presetOf, type Quirk } from './presets.ts'
import { parseMoment } from './time-text.ts'

/** Which signature a request carries; the secret for it comes from the environment or was given. */
export type Login = 'anonymous' | 'environment' | 'key'

/** The user's own key, as requests carry it. */
export interface CustomerKey {
  readonly algorithm: string
  readonly base64: string
}

/** What the options mean once the provider and the endpoint are known. */
export interface Settings extends Omit<S3Options, 'endpoint' | 'region' | 'provider'> {
  readonly endpoint: Endpoint
  readonly region: string
  readonly login: Login
  readonly signature: 'v2' | 'v4'
  readonly pathStyle: boolean
  readonly isAmazon: boolean
  /** Checksums behind bodies and on answers, which only Amazon is sure to know. */
  readonly checksums: boolean
  readonly unsignedPayload: boolean
  readonly listVersion: 1 | 2
  readonly encodedListing: boolean
  /** Nothing was said of encoded listings, so they may be tried when a plain one cannot be read. */
  readonly mayEncodeListing: boolean
  readonly multipart: boolean
  readonly verifiesEtag: boolean
  readonly reportsExistingBucket: boolean
  readonly checksBucket: boolean
  readonly acceptsGzip: boolean
  readonly mightGzip: boolean
  readonly sendsOperationId: boolean
  readonly chunkSize: number
  readonly maximumParts: number
  /** Infinity where objects are never copied in parts. */
  readonly copyCutoff: number
  readonly customerKey?: CustomerKey | undefined
  /** Whether an etag can be the MD5 of an object. */
  readonly etagIsMd5: boolean
  /** Unix milliseconds of `version_at`. */
  readonly versionAt?: number | undefined
  /** Canned access list of new objects and of new buckets. */
  readonly objectAcl?: string | undefined
  readonly bucketAcl?: string | undefined
}

const refuse = (problem: string): never => {
  throw new StorageError('InvalidArgument', `These options are wrong: ${problem}.`)
}

/** @throws StorageError `InvalidArgument` on options that do not go together */
export function resolveSettings(options: S3Options, now: number = Date.now()): Settings {
  const preset = presetOf(options.provider)
  const has = (quirk: Quirk): boolean => preset.quirks.has(quirk)
  const endpoint = parseEndpoint(options.endpoint)
  const isAmazon = options.provider === 'AWS'
  if (options.endpoint.trim() === '' && !isAmazon && options.provider !== '') refuse('endpoint: is required')
  checkTogether(options, endpoint)
  const accelerated = endpoint.url?.includes('//cos.accelerate.') === true
  const customerKey = customerKeyOf(options)
  return {
    ...options,
    endpoint,
    ...identity(options, endpoint),
    ...limits(options, preset),
    ...accessLists(options),
    isAmazon,
    pathStyle: pathStyleOf(options, endpoint, preset),
    checksums: has('trailing-checksums') && options.use_unsigned_payload !== true,
    unsignedPayload: options.use_unsigned_payload ?? !has('trailing-checksums'),
    listVersion: options.list_version === 0 ? (has('list-v1') ? 1 : 2) : options.list_version === 1 ? 1 : 2,
    encodedListing: options.list_url_encode ?? !has('plain-listing'),
    mayEncodeListing: options.list_url_encode === undefined,
    multipart: options.use_multipart_uploads ?? true,
    verifiesEtag: (options.use_multipart_etag ?? !has('own-etags')) && !options.directory_bucket,
    reportsExistingBucket: options.use_already_exists ?? !has('bucket-may-exist'),
    checksBucket: !options.no_check_bucket && !options.directory_bucket && !accelerated,
    acceptsGzip: options.use_accept_encoding_gzip ?? !has('no-accept-gzip'),
    mightGzip: options.might_gzip ?? !has('never-gzips'),
    sendsOperationId: !has('no-operation-id'),
    customerKey,
    etagIsMd5: !options.directory_bucket && !customerKey,
    versionAt: momentOf(options, now),
  }
}

function checkTogether(options: S3Options, { url }: Endpoint): void {
  const { access_key_id: id, secret_access_key: secret } = options
  if (id !== '' && secret === '') refuse('secret_access_key: is required with access_key_id')
  if (id === '' && secret !== '') refuse('access_key_id: is required with secret_access_key')
  for (const name of ['use_accelerate_endpoint', 'use_dual_stack'] as const) {
    if (options[name] && url !== undefined) refuse(`${name}: works with the endpoints of Amazon only`)
  }
  if (options.versions && momentOf(options, 0) !== undefined) refuse('versions: cannot be used with version_at')
}

function identity(options: S3Options, endpoint: Endpoint) {
  const isOld = options.region === 'other-v2-signature'
  const named = isOld ? '' : options.region
  const login: Login = options.access_key_id !== '' ? 'key' : options.env_auth ? 'environment' : 'anonymous'
  return {
    login,
    region: named || endpoint.region || 'us-east-1',
    signature: options.v2_auth || isOld ? ('v2' as const) : ('v4' as const),
  }
}

/** Presets that know buckets in host names insist on them; the switch alone decides for the others. */
function pathStyleOf(options: S3Options, { inHost }: Endpoint, { quirks }: Preset): boolean {
  return options.force_path_style && quirks.has('path-style') && !options.use_accelerate_endpoint && !inHost
}

function limits(options: S3Options, { quirks, maximumParts, minimumPart = 0 }: Preset) {
  const isBounded = !quirks.has('large-requests')
  if (isBounded && options.upload_cutoff > largestRequest) refuse('upload_cutoff: must be at most 5G')
  if (isBounded && options.copy_cutoff > largestRequest) refuse('copy_cutoff: must be at most 5G')
  return {
    chunkSize: Math.max(options.chunk_size, minimumPart),
    maximumParts: Math.min(options.max_upload_parts, maximumParts ?? options.max_upload_parts),
    copyCutoff: quirks.has('no-part-copy') ? Number.POSITIVE_INFINITY : options.copy_cutoff,
  }
}

function accessLists({ acl, bucket_acl: bucketAcl }: S3Options) {
  const named = (list: string): string | undefined => (list === '' || list === 'default' ? undefined : list)
  return { objectAcl: named(acl), bucketAcl: named(bucketAcl) ?? named(acl) }
}

function customerKeyOf(options: S3Options): CustomerKey | undefined {
  const { sse_customer_key: plain, sse_customer_key_base64: encoded, sse_customer_key_md5: md5 } = options
  if (plain !== '' && encoded !== '') refuse('sse_customer_key: cannot be used with sse_customer_key_base64')
  if (plain === '' && encoded === '') return undefined
  const key = plain === '' ? Buffer.from(encoded, 'base64') : Buffer.from(plain, 'utf8')
  const name = plain === '' ? 'sse_customer_key_base64' : 'sse_customer_key'
  if (key.length !== 32) refuse(`${name}: must be 32 bytes long`)
  if (md5 !== '' && md5 !== createHash('md5').update(key).digest('base64')) {
    refuse('sse_customer_key_md5: is not the MD5 of the key')
  }
  return { algorithm: options.sse_customer_algorithm || 'AES256', base64: key.toString('base64') }
}

function momentOf({ version_at: text }: S3Options, now: number): number | undefined {
  const moment = parseMoment(text, now)
  if (Number.isNaN(moment)) refuse('version_at: must be a time, a date or an age such as 7d')
  return moment
}
