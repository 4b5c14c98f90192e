/** In what a vendor differs from Amazon's own service as the protocol has it. */
export type Quirk =
  /** Buckets stand in the path, not in the host name. */
  | 'path-style'
  /** Only the first version of the listing call is sure to work. */
  | 'list-v1'
  /** Listings come with plain keys only. */
  | 'plain-listing'
  /** The etag of a multipart upload is not made of the digests of its parts. */
  | 'own-etags'
  /** That a bucket is there already is not worth an error when it is to be made. */
  | 'bucket-may-exist'
  /** Parts cannot be copied from other objects. */
  | 'no-part-copy'
  /** A compressed answer cannot be asked for. */
  | 'no-accept-gzip'
  /** The query parameter that names the operation breaks the signature. */
  | 'no-operation-id'
  /** Objects come as they were stored, never compressed on the way. */
  | 'never-gzips'
  /** Checksums travel behind the body, so that it needs no signature of its own. */
  | 'trailing-checksums'
  /** One request may carry more than 5 GiB. */
  | 'large-requests'

export interface Preset {
  readonly quirks: ReadonlySet<Quirk>
  readonly maximumParts?: number | undefined
  readonly minimumPart?: number | undefined
}

const mebibyte = 1_048_576

const preset = (quirks: readonly Quirk[] = [], limits: Omit<Preset, 'quirks'> = {}): Preset => ({
  quirks: new Set(quirks),
  ...limits,
})

const pathOnly = preset(['path-style', 'bucket-may-exist'])
const plainPath = preset(['path-style', 'plain-listing', 'own-etags', 'bucket-may-exist'])
const oldStyle = preset(['path-style', 'list-v1', 'plain-listing', 'bucket-may-exist'])
const oldest = preset(['path-style', 'list-v1', 'plain-listing', 'own-etags', 'bucket-may-exist'])
const ownEtags = preset(['own-etags', 'bucket-may-exist'])

/** What is sure to work with a vendor that nobody has looked at. */
const other = oldest

/** By the names that users know; the choices are those that rclone makes for the same vendors. */
const presets: Readonly<Record<string, Preset>> = {
  AWS: preset(['never-gzips', 'trailing-checksums']),
  Alibaba: preset(['own-etags']),
  ArvanCloud: oldStyle,
  Ceph: oldStyle,
  ChinaMobile: oldStyle,
  Cloudflare: preset(['path-style', 'own-etags']),
  Cubbit: preset(['own-etags']),
  DigitalOcean: preset(['plain-listing', 'bucket-may-exist']),
  Dreamhost: preset(['plain-listing', 'bucket-may-exist']),
  GCS: preset(['no-accept-gzip', 'no-operation-id', 'no-part-copy']),
  'Hoody-VFS': preset(['path-style', 'own-etags', 'bucket-may-exist', 'no-part-copy', 'large-requests']),
  HuaweiOBS: preset(['list-v1', 'plain-listing', 'bucket-may-exist']),
  IBMCOS: oldest,
  IDrive: pathOnly,
  IONOS: preset(['path-style', 'plain-listing', 'bucket-may-exist']),
  Leviia: preset(['bucket-may-exist']),
  Liara: plainPath,
  Linode: preset(),
  LyveCloud: ownEtags,
  Magalu: oldest,
  Minio: preset(['path-style']),
  Netease: preset(['list-v1', 'plain-listing', 'own-etags', 'bucket-may-exist']),
  Other: other,
  Outscale: preset(['path-style']),
  Petabox: preset(['bucket-may-exist']),
  Qiniu: plainPath,
  RackCorp: ownEtags,
  Scaleway: preset([], { maximumParts: 1000 }),
  SeaweedFS: oldest,
  Selectel: preset(['plain-listing']),
  StackPath: other,
  Storj: preset(['bucket-may-exist', 'no-part-copy'], { minimumPart: 64 * mebibyte }),
  Synology: ownEtags,
  TencentCOS: preset(['list-v1', 'own-etags', 'bucket-may-exist']),
  Wasabi: preset(),
}

/** The preset of that name; for any other, what is sure to work. */
export function presetOf(provider: string): Preset {
  return (Object.hasOwn(presets, provider) ? presets[provider] : undefined) ?? other
}

export const isPreset = (provider: string): boolean => Object.hasOwn(presets, provider)
