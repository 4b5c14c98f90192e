import { StorageError } from '@filegate/core'

/** Where a service is, and what its address says besides. */
export interface Endpoint {
  /** Of the service, without a bucket; absent for Amazon's own, which follow from the region. */
  readonly url?: string | undefined
  /** The only bucket of the connection. */
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /** The bucket stands in the host name. */
  readonly inHost: boolean
}

/** Hosts of services whose buckets can stand in front of them. The region is a group where the host names it. */
const services: readonly RegExp[] = [
  /^(?:(?<bucket>.+)\.)?(?<host>s3[.-](?<region>[a-z0-9-]+)\.(?:wasabisys\.com|backblazeb2\.com|scw\.cloud))$/,
  /^(?:(?<bucket>.+)\.)?(?<host>(?<region>[a-z0-9-]+)\.(?:digitaloceanspaces|linodeobjects)\.com)$/,
  /^(?:(?<bucket>.+)\.)?(?<host>[0-9a-f]{32}(?:\.[a-z]+)?\.r2\.cloudflarestorage\.com)$/,
  /^(?:(?<bucket>.+)\.)?(?<host>storage\.googleapis\.com)$/,
  /^(?:(?<bucket>.+)\.)?(?<host>oss-[a-z0-9-]+\.aliyuncs\.com)$/,
  /^(?:(?<bucket>.+)\.)?(?<host>cos\.[a-z0-9-]+\.myqcloud\.com)$/,
  /^(?:(?<bucket>.+)\.)?(?<host>obs\.(?<region>[a-z0-9-]+)\.myhuaweicloud\.com)$/,
  /^(?:(?<bucket>.+)\.)?(?<host>localhost)$/,
]

/** Amazon's, in all the forms that were ever in use. */
const amazon =
  /^(?:(?<bucket>.+)\.)?s3(?:-accelerate|-fips)?(?:\.dualstack)?(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/

/**
 * Reads the endpoint as users write it: with or without a scheme, with a bucket in the host name or as the only segment
 * of the path. A longer path belongs to the service.
 * @throws StorageError `InvalidArgument` when it is no address
 */
export function parseEndpoint(text: string): Endpoint {
  const said = text.trim()
  if (said === '') return { inHost: false }
  const url = URL.parse(/^[a-z]+:\/\//i.test(said) ? said : `https://${said}`)
  if (!url || !isPlain(url)) {
    throw new StorageError('InvalidArgument', 'must be a host or a URL such as https://s3.example.com')
  }
  const segments = url.pathname.split('/').filter((segment) => segment !== '')
  const [only, more] = segments
  const inPath = more === undefined ? only : undefined
  if (inPath === undefined && only !== undefined) return { url: url.href.replace(/\/+$/, ''), inHost: false }
  return { ...parseHost(url), ...(inPath !== undefined && { bucket: decodeURIComponent(inPath), inHost: false }) }
}

const isPlain = ({ protocol, username, password, pathname, search, hash }: URL): boolean =>
  /^https?:$/.test(protocol) && username + password + search + hash === '' && isDecodable(pathname)

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

function parseHost(url: URL): Endpoint {
  const own = amazon.exec(url.hostname)?.groups
  if (own) return { bucket: own.bucket, region: own.region, inHost: own.bucket !== undefined }
  for (const service of services) {
    const groups = service.exec(url.hostname)?.groups
    if (!groups) continue
    const { bucket, host, region } = groups
    const port = url.port === '' ? '' : `:${url.port}`
    return { url: `${url.protocol}//${host}${port}`, bucket, region, inHost: bucket !== undefined }
  }
  return { url: url.origin, inHost: false }
}
