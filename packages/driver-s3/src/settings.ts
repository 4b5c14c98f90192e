import { type Endpoint, parseEndpoint } from './endpoint.ts'
import type { S3Options } from './options.ts'
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

/** @param options that go together, as their schema checks */
export function resolveSettings(options: S3Options, now: number = Date.now()): Settings {
  const preset = presetOf(options.provider)
  const has = (quirk: Quirk): boolean => preset.quirks.has(quirk)
  const endpoint = parseEndpoint(options.endpoint)
  const isAmazon = options.provider === 'AWS'
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
    versionAt: parseMoment(options.version_at, now),
  }
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
  const { sse_customer_key: plain, sse_customer_key_base64: encoded } = options
  if (plain === '' && encoded === '') return undefined
  const key = plain === '' ? Buffer.from(encoded, 'base64') : Buffer.from(plain, 'utf8')
  return { algorithm: options.sse_customer_algorithm || 'AES256', base64: key.toString('base64') }
}
