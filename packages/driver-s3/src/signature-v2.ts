import type { AwsCredentialIdentity, HttpRequest, RequestSigner } from '@smithy/types'
import { createHmac } from 'node:crypto'

/** Query parameters that are part of what is signed; all others are not. */
const signed: ReadonlySet<string> = new Set(
  (
    'acl cors delete lifecycle location logging notification partNumber policy requestPayment restore tagging torrent ' +
    'uploadId uploads versionId versioning versions website response-cache-control response-content-disposition ' +
    'response-content-encoding response-content-language response-content-type response-expires'
  ).split(' '),
)

type Credentials = () => Promise<AwsCredentialIdentity>
/** The bucket that a host name begins with, if any. */
type BucketOfHost = (hostname: string) => string | undefined

type Signable = Pick<HttpRequest, 'method' | 'hostname' | 'path' | 'query' | 'headers'>

/**
 * What version 2 of the signature signs: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
 * @param when the Date header, empty with an x-amz-date, or the time of expiry of a signed URL
 */
export function textToSign(request: Signable, when: string, bucket: string | undefined): string {
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value.trim()]))
  const vendors = [...headers].filter(([name]) => name.startsWith('x-amz-')).sort(([a], [b]) => (a < b ? -1 : 1))
  const resource = `${bucket === undefined ? '' : `/${bucket}`}${request.path}${signedQuery(request.query ?? {})}`
  return [
    request.method,
    headers.get('content-md5') ?? '',
    headers.get('content-type') ?? '',
    when,
    ...vendors.map(([name, value]) => `${name}:${value}`),
    resource,
  ].join('\n')
}

function signedQuery(query: NonNullable<HttpRequest['query']>): string {
  const names = Object.keys(query).filter((name) => signed.has(name))
  const parts = names.sort().map((name) => {
    const value = query[name]
    return value === null || value === undefined || value === '' ? name : `${name}=${[value].flat().join(',')}`
  })
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

const signatureOf = (text: string, { secretAccessKey }: AwsCredentialIdentity): string =>
  createHmac('sha1', secretAccessKey).update(text, 'utf8').digest('base64')

/** Signs requests of the vendor's library in the old way, which it has no means for itself. */
export function signerV2(credentials: Credentials, bucketOfHost: BucketOfHost): RequestSigner {
  return {
    async sign(request, { signingDate } = {}) {
      const identity = await credentials()
      const date = signingDate === undefined ? new Date() : new Date(signingDate)
      const headers: Record<string, string> = { ...request.headers, 'x-amz-date': date.toUTCString() }
      if (identity.sessionToken) headers['x-amz-security-token'] = identity.sessionToken
      const text = textToSign({ ...request, headers }, '', bucketOfHost(request.hostname))
      headers.authorization = `AWS ${identity.accessKeyId}:${signatureOf(text, identity)}`
      return Object.assign(request, { headers })
    },
  }
}

/** A request as a URL that is good until `expires`, Unix seconds. */
export async function signUrlV2(
  request: Pick<HttpRequest, 'method' | 'protocol' | 'hostname' | 'port' | 'path' | 'headers'>,
  expires: number,
  credentials: Credentials,
  bucketOfHost: BucketOfHost,
): Promise<string> {
  const identity = await credentials()
  const url = new URL(`${request.protocol}//${request.hostname}`)
  url.port = request.port === undefined ? '' : String(request.port)
  url.pathname = request.path
  const text = textToSign(request, String(expires), bucketOfHost(request.hostname))
  url.searchParams.set('AWSAccessKeyId', identity.accessKeyId)
  url.searchParams.set('Expires', String(expires))
  url.searchParams.set('Signature', signatureOf(text, identity))
  if (identity.sessionToken) url.searchParams.set('x-amz-security-token', identity.sessionToken)
  return url.href
}
