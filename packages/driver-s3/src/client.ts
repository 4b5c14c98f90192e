import type { PutObjectCommandInput, S3, S3ClientConfig } from '@aws-sdk/client-s3'
import type * as Sdk from '@aws-sdk/client-s3'
import type { ConnectContext } from '@filegate/core'
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import type { AwsCredentialIdentity, Logger, MiddlewareStack } from '@smithy/types'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { parseEndpoint } from './endpoint.ts'
import { machineCredentials } from './machine-credentials.ts'
import { createGetObject, type GetObject } from './prepared-get.ts'
import { readListings } from './read-listings.ts'
import { isHttpRequest, shapeRequests } from './requests.ts'
import type { Settings } from './settings.ts'
import { Sha256 } from './sha256.ts'
import { signerV2, signUrlV2 } from './signature-v2.ts'
import { logTraffic, parseLogMode } from './traffic-log.ts'

/** The vendor's library, ready to be used. */
export interface Vendor {
  readonly s3: S3
  readonly getObject: GetObject
  /** A request for somebody who has no key, good for so many seconds. */
  readonly presign: (method: 'GET' | 'PUT', input: SignedInput, seconds: number) => Promise<SignedRequest>
  readonly close: () => void
}

type SignedInput = Pick<PutObjectCommandInput, 'Bucket' | 'Key'>

export interface SignedRequest {
  readonly url: string
  /** That go with it. */
  readonly headers: Readonly<Record<string, string>>
}

type Credentials = () => Promise<AwsCredentialIdentity>
type Context = Pick<ConnectContext, 'agents' | 'log'>

const milliseconds = { connecting: 15_000 } as const

export async function createVendor(settings: Settings, { agents, log }: Context): Promise<Vendor> {
  const sdk = await import('@aws-sdk/client-s3')
  const { NodeHttpHandler } = await import('@smithy/node-http-handler')
  const own = agents
    ? undefined
    : { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  const { http: httpAgent, https: httpsAgent } = agents ?? own ?? {}
  const requestHandler = new NodeHttpHandler({
    ...(httpAgent && { httpAgent }),
    ...(httpsAgent && { httpsAgent }),
    connectionTimeout: milliseconds.connecting,
    // Uploads wait for their source and downloads for their reader; how long is decided further out.
    requestTimeout: 0,
    socketTimeout: 0,
  })
  const credentials = await credentialsOf(settings, requestHandler)
  const config = { ...configOf(settings, credentials), requestHandler }
  const s3 = new sdk.S3(config)
  const signing = new sdk.S3({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' })
  for (const library of [s3, signing]) {
    shapeRequests(library, settings)
    // It would go through every answer to make a text of it that nobody reads.
    library.middlewareStack.remove('loggerMiddleware')
  }
  logTraffic(s3, settings.sdk_log_mode, log)
  // The log is to show answers as they came.
  if (parseLogMode(settings.sdk_log_mode).size === 0) readListings(s3)
  return {
    s3,
    getObject: createGetObject(sdk, s3, settings),
    presign: presigner(sdk, signing, settings, credentials),
    close() {
      own?.http.destroy()
      own?.https.destroy()
    },
  }
}

/** In its place the library would write to the console. What is to be told, errors tell. */
const silent: Logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

function configOf(settings: Settings, credentials: Credentials): S3ClientConfig {
  const { endpoint, region, pathStyle, login, signature, checksums } = settings
  const required = checksums ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  return {
    region,
    credentials,
    ...(endpoint.url !== undefined && { endpoint: endpoint.url }),
    forcePathStyle: pathStyle,
    useDualstackEndpoint: settings.use_dual_stack,
    useAccelerateEndpoint: settings.use_accelerate_endpoint,
    followRegionRedirects: endpoint.url === undefined,
    requestChecksumCalculation: required,
    responseChecksumValidation: required,
    maxAttempts: 1,
    expectContinueHeader: false,
    customUserAgent: 'filegate',
    logger: silent,
    sha256: Sha256,
    ...(login === 'anonymous' && { signer: { sign: async (request) => request } }),
    ...(login !== 'anonymous' && signature === 'v2' && { signer: signerV2(credentials, bucketOfHost(settings)) }),
  }
}

async function credentialsOf(settings: Settings, requestHandler: NodeHttpHandler): Promise<Credentials> {
  if (settings.login === 'environment') return machineCredentials(settings, requestHandler)
  const identity = {
    accessKeyId: settings.access_key_id,
    secretAccessKey: settings.secret_access_key,
    ...(settings.session_token !== '' && { sessionToken: settings.session_token }),
  }
  return async () => identity
}

function bucketOfHost({ pathStyle, endpoint }: Settings): (hostname: string) => string | undefined {
  if (pathStyle) return () => undefined
  const service = endpoint.url === undefined ? undefined : `.${new URL(endpoint.url).hostname}`
  return (hostname) => {
    if (service === undefined) return parseEndpoint(hostname).bucket
    return hostname.endsWith(service) ? hostname.slice(0, -service.length) : undefined
  }
}

/** Requests as URLs. The checksums of the library would be those of an empty body, so they are left out. */
function presigner(
  sdk: Pick<typeof Sdk, 'GetObjectCommand' | 'PutObjectCommand'>,
  s3: S3,
  settings: Settings,
  credentials: Credentials,
): Vendor['presign'] {
  return async (method, input, seconds) => {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
    const sent = new Set<string>()
    const headers: Record<string, string> = {}
    const settled = { expiresIn: seconds, unhoistableHeaders: sent }
    const watch = <Input extends object, Output extends object>(stack: MiddlewareStack<Input, Output>): void =>
      stack.add(
        (next) => async (args) => {
          const { request } = args
          for (const [name, value] of isHttpRequest(request) ? Object.entries(request.headers) : []) {
            if (!travels.test(name)) continue
            sent.add(name.toLowerCase())
            headers[name.toLowerCase()] = value
          }
          return next(args)
        },
        { step: 'build', name: 'filegateSent', priority: 'low' },
      )
    const [get, put] = [new sdk.GetObjectCommand(input), new sdk.PutObjectCommand(input)]
    watch(get.middlewareStack)
    watch(put.middlewareStack)
    const url = await (method === 'GET' ? getSignedUrl(s3, get, settled) : getSignedUrl(s3, put, settled))
    if (settings.login === 'anonymous') return { url: withoutQuery(url), headers }
    if (settings.signature === 'v4') return { url, headers }
    const { protocol, hostname, port, pathname: path } = new URL(url)
    const request = { method, protocol, hostname, path, headers, ...(port !== '' && { port: Number(port) }) }
    const expires = Math.floor(Date.now() / 1000) + seconds
    return { url: await signUrlV2(request, expires, credentials, bucketOfHost(settings)), headers }
  }
}

/** What the request behind a URL has to carry besides, as it is signed with it. */
const travels = /^(?:content-md5|content-type|if-match|if-none-match|x-amz-(?!content-sha256$|user-agent$|sdk-).*)$/i

function withoutQuery(url: string): string {
  const bare = new URL(url)
  bare.search = ''
  return bare.href
}
