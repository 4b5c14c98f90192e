import type { GetObjectCommandInput, GetObjectCommandOutput, S3 } from '@aws-sdk/client-s3'
import type * as Sdk from '@aws-sdk/client-s3'
import type {
  DeserializeMiddleware,
  FinalizeRequestMiddleware,
  HttpRequest,
  HttpResponse,
  RequestSigner,
} from '@smithy/types'
import type { Readable } from 'node:stream'
import type { ObjectAnswer } from './adapt.ts'
import { answerOf } from './answer-headers.ts'
import { type CustomerKeyInput, until } from './connection.ts'
import { encodedKey } from './encoded-key.ts'
import { streamOf } from '@filegate/core/http-body'
import { acceptsGzip, isHttpRequest } from './requests.ts'
import type { Settings } from './settings.ts'
import { parseLogMode } from './traffic-log.ts'

export interface Got {
  readonly answer: ObjectAnswer
  readonly stream: Readable
}

export interface GetInput
  extends Pick<GetObjectCommandInput, 'VersionId' | 'Range' | 'IfMatch' | 'IfNoneMatch'>,
    Partial<CustomerKeyInput> {
  readonly Bucket: string
  readonly Key: string
}

/** GetObject of the library. */
export type GetObject = (input: GetInput, signal: AbortSignal | undefined) => Promise<Got>

type Library = Pick<typeof Sdk, 'GetObjectCommand'>

/** What all requests for objects of one bucket have in common, as the library makes them. */
interface Template {
  readonly request: HttpRequest
  /** Of the path, up to the key. */
  readonly prefix: string
  readonly signer: RequestSigner
}

/** Buckets whose templates are kept. */
const capacity = 256

/**
 * GetObject by the parts of the library, without its way through the parts: finding out where a bucket is, how requests to it are
 * signed and which headers they have takes the library four times as long as all the rest, and is the same for each object. So
 * it does that once for a bucket, and from then on its signer and its connections are used directly. Whatever is no success
 * is handed to the library as the answer to its own request, so that errors and redirections come to what they always do.
 */
export function createGetObject(sdk: Library, s3: S3, settings: Settings): GetObject {
  const plain = plainGet(sdk, s3)
  // It would not see the requests.
  if (parseLogMode(settings.sdk_log_mode).size > 0) return plain
  const templates = new Map<string, Promise<Template | undefined>>()

  function templateOf(input: GetInput): Promise<Template | undefined> {
    const known = templates.get(input.Bucket)
    if (known) return known
    if (templates.size >= capacity) templates.clear()
    const making = makeTemplate(sdk, s3, input)
    templates.set(input.Bucket, making)
    // The library fails in its own words where it cannot even make a request, and the next may try again.
    making.catch(() => templates.delete(input.Bucket))
    return making
  }
  return async (input, signal) => {
    // Checksums of whole objects are for the library to check.
    if (settings.checksums && input.Range === undefined) return plain(input, signal)
    const template = await templateOf(input).catch(() => undefined)
    if (!template) return plain(input, signal)
    const request = await signed(template, s3, input)
    if (acceptsGzip(settings, request)) request.headers['accept-encoding'] = 'gzip'
    const { response } = await s3.config.requestHandler.handle(request, until(signal))
    if (response.statusCode < 300) return gotFrom(response)
    const got = await plain(input, signal, response)
    // The library knows a way there that the template does not.
    templates.set(input.Bucket, Promise.resolve(undefined))
    return got
  }
}

/** The library's own way. @param given the answer to the first request that it makes, in place of making it */
function plainGet({ GetObjectCommand }: Library, s3: S3) {
  return async (input: GetInput, signal: AbortSignal | undefined, given?: HttpResponse): Promise<Got> => {
    const command = new GetObjectCommand(input)
    if (given)
      command.middlewareStack.add(answeredBy(given), { step: 'deserialize', priority: 'low', name: 'filegateGiven' })
    const { Body, ...answer } = await s3.send(command, until(signal))
    return { answer, stream: streamOf(Body) }
  }
}

function answeredBy(given: HttpResponse): DeserializeMiddleware<GetObjectCommandInput, GetObjectCommandOutput> {
  let answer: HttpResponse | undefined = given
  return (next) => async (args) => {
    const response = answer
    answer = undefined
    return response ? { response } : next(args)
  }
}

const standIn = 'key'

/** Has the library make a request that is not sent. Undefined where the bucket wants signatures of another kind. */
async function makeTemplate(
  { GetObjectCommand }: Library,
  s3: S3,
  { Bucket, SSECustomerAlgorithm, SSECustomerKey }: GetInput,
): Promise<Template | undefined> {
  const command = new GetObjectCommand({ Bucket, Key: standIn, SSECustomerAlgorithm, SSECustomerKey })
  let template: Template | undefined
  const keep: FinalizeRequestMiddleware<GetObjectCommandInput, GetObjectCommandOutput> =
    (_next, context) =>
    async ({ request }) => {
      const [scheme] = context.authSchemes ?? []
      if (scheme?.name === 'sigv4' && isHttpRequest(request) && request.path.endsWith(`/${standIn}`)) {
        template = templateFrom(request, await s3.config.signer(scheme))
      }
      return { response: undefined, output: { $metadata: {} } }
    }
  const place = { relation: 'before', toMiddleware: 'httpSigningMiddleware', name: 'filegateTemplate' } as const
  command.middlewareStack.addRelativeTo(keep, place)
  await s3.send(command)
  return template
}

/** Headers of one try, and one that asks for what only the library can check. */
const ofOneRequest = /^(?:amz-sdk-.*|x-amz-checksum-mode)$/i

function templateFrom(request: HttpRequest, signer: RequestSigner): Template {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !ofOneRequest.test(name)))
  return { request: { ...request, headers }, prefix: request.path.slice(0, -standIn.length), signer }
}

async function signed({ request, prefix, signer }: Template, s3: S3, input: GetInput): Promise<HttpRequest> {
  const { Key, VersionId, Range, IfMatch, IfNoneMatch } = input
  const headers: Record<string, string> = { ...request.headers }
  if (Range !== undefined) headers['range'] = Range
  if (IfMatch !== undefined) headers['if-match'] = IfMatch
  if (IfNoneMatch !== undefined) headers['if-none-match'] = IfNoneMatch
  const query = VersionId === undefined ? request.query : { ...request.query, versionId: VersionId }
  return signer.sign(
    { ...request, path: `${prefix}${encodedKey(Key)}`, headers, ...(query && { query }) },
    // The library learns from answers by how much the clock of this machine is wrong.
    { signingDate: new Date(Date.now() + s3.config.systemClockOffset) },
  )
}

function gotFrom({ headers, body }: HttpResponse): Got {
  const answer = {
    ...answerOf((name) => headers[name]),
    ContentEncoding: headers['content-encoding'],
    ServerSideEncryption: headers['x-amz-server-side-encryption'],
    SSECustomerAlgorithm: headers['x-amz-server-side-encryption-customer-algorithm'],
    VersionId: headers['x-amz-version-id'],
  }
  return { answer, stream: streamOf(body) }
}
