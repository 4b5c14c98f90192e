import type { S3 } from '@aws-sdk/client-s3'
import type { HttpRequest } from '@smithy/types'
import { createHash } from 'node:crypto'
import type { Settings } from './settings.ts'

/** Digests of bodies that are known already, in hexadecimal, so that signing need not read them again in one go. */
const payloadHashes = new WeakMap<Uint8Array, string>()

/** Says under which SHA-256 a body is to be signed; `UNSIGNED-PAYLOAD` leaves it out of the signature. */
export function signAs(body: Uint8Array, sha256: string): void {
  payloadHashes.set(body, sha256)
}

export function isHttpRequest(value: unknown): value is HttpRequest {
  return typeof value === 'object' && value !== null && 'headers' in value && 'method' in value && 'path' in value
}

interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  body: unknown
}

export function isHttpResponse(value: unknown): value is HttpAnswer {
  return typeof value === 'object' && value !== null && 'statusCode' in value && 'headers' in value
}

type Change = (request: HttpRequest, command: string) => void

/** Makes the library's requests fit the settings, before they are signed. */
export function shapeRequests(s3: S3, settings: Settings): void {
  const changes: readonly (Change | false)[] = [
    settings.requester_pays && payAsRequester,
    !settings.sendsOperationId && dropOperationId,
    !settings.isAmazon && !settings.directory_bucket && digestDeletions,
    settings.signature === 'v4' && settings.login !== 'anonymous' && nameHash,
  ]
  const wanted = changes.filter((change) => change !== false)
  s3.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const { request } = args
        if (isHttpRequest(request)) for (const change of wanted) change(request, commandName)
        return next(args)
      },
    { step: 'build', name: 'filegateShape', priority: 'low' },
  )
  if (settings.acceptsGzip) {
    s3.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const { request } = args
          if (isHttpRequest(request) && commandName === 'GetObjectCommand' && acceptsGzip(settings, request)) {
            request.headers['accept-encoding'] = 'gzip'
          }
          return next(args)
        },
      // Behind the signing: proxies change this header, and links must do without it.
      { step: 'finalizeRequest', name: 'filegateGzip', priority: 'low' },
    )
  }
  // The library would ask for buckets in a place named like the region, which only Amazon understands.
  if (!settings.isAmazon) s3.middlewareStack.remove('locationConstraintMiddleware')
}

const payAsRequester: Change = ({ headers }) => {
  headers['x-amz-request-payer'] = 'requester'
}

/** For whole objects only: the library cannot read compressed XML, and a range of a compressed answer means nothing. */
export const acceptsGzip = ({ acceptsGzip }: Pick<Settings, 'acceptsGzip'>, { headers }: HttpRequest): boolean =>
  acceptsGzip && headers['range'] === undefined

const dropOperationId: Change = ({ query }) => {
  if (query) delete query['x-id']
}

/** Older services want the MD5 of a list of deletions and do not know the checksum that the library sends. */
const digestDeletions: Change = ({ headers, body }, command) => {
  if (command !== 'DeleteObjectsCommand') return
  for (const name of Object.keys(headers)) {
    if (/^x-amz-(?:checksum-|sdk-checksum-algorithm)/i.test(name)) delete headers[name]
  }
  headers['content-md5'] = createHash('md5').update(body).digest('base64')
}

const nameHash: Change = ({ headers, body }) => {
  const hash = body instanceof Uint8Array ? payloadHashes.get(body) : undefined
  if (hash !== undefined) headers['x-amz-content-sha256'] = hash
}
