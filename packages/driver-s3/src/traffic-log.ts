import type { S3 } from '@aws-sdk/client-s3'
import type { Log } from '@filegate/core'
import { isHttpRequest, isHttpResponse } from './requests.ts'

/** In the order of the bits that stand for them in a number. */
const parts = [
  'signing',
  'retries',
  'request',
  'requestwithbody',
  'response',
  'responsewithbody',
  'deprecatedusage',
  'requesteventmessage',
  'responseeventmessage',
] as const

export type TrafficPart = (typeof parts)[number]

const isPart = (word: string): word is TrafficPart => parts.some((part) => part === word)

/** What `sdk_log_mode` asks for: words joined by commas, or a number. Unknown words ask for nothing. */
export function parseLogMode(text: string): ReadonlySet<TrafficPart> {
  const words = text.toLowerCase().split(',')
  return new Set(
    words
      .map((word) => word.trim())
      .flatMap((word): readonly TrafficPart[] => {
        if (word === 'all') return parts
        if (!/^-?\d+$/.test(word)) return isPart(word) ? [word] : []
        const bits = Number(word)
        return bits < 0 ? parts : parts.filter((_part, place) => (bits & (2 ** place)) !== 0)
      }),
  )
}

const secretHeaders = /^(?:authorization|cookie|set-cookie|x-amz-security-token|x-amz-.*customer-key)$/i
const secretParameters = /^(?:x-amz-signature|x-amz-security-token|x-amz-credential|signature|awsaccesskeyid)$/i
const masked = '[redacted]'
/** Bytes of a body that are shown. */
const shownBytes = 4096

const masking = (fields: Readonly<Record<string, unknown>>, secrets: RegExp): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secrets.test(name) ? masked : value]))

/** Tells the debug log of what goes over the wire, without its secrets. Does nothing for an empty mode. */
export function logTraffic(s3: S3, mode: string, log: Log): void {
  const wanted = parseLogMode(mode)
  const shows = (...any: readonly TrafficPart[]): boolean => any.some((part) => wanted.has(part))
  if (shows('signing', 'request', 'requestwithbody')) {
    s3.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (isHttpRequest(args.request)) log.debug(`S3 ${commandName}`, requestFacts(args.request, wanted))
          return next(args)
        },
      // Behind the signing, so that what is shown is what is sent.
      { step: 'finalizeRequest', name: 'filegateRequestLog', priority: 'low' },
    )
  }
  if (!shows('response', 'responsewithbody')) return
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args)
        const body = wanted.has('responsewithbody') && commandName !== 'GetObjectCommand'
        log.debug(`S3 answer to ${commandName}`, await responseFacts(result.response, body))
        return result
      },
    { step: 'deserialize', name: 'filegateResponseLog', priority: 'low' },
  )
}

function requestFacts(
  request: { readonly method: string; readonly hostname: string; readonly path: string } & Partial<{
    readonly headers: Readonly<Record<string, string>>
    readonly query: Readonly<Record<string, unknown>>
    readonly body: unknown
  }>,
  wanted: ReadonlySet<TrafficPart>,
): Record<string, unknown> {
  const { method, hostname, path, headers = {}, query = {}, body } = request
  return {
    method,
    hostname,
    path,
    query: masking(query, secretParameters),
    headers: masking(headers, secretHeaders),
    ...(wanted.has('signing') && { signedHeaders: /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1] }),
    ...(wanted.has('requestwithbody') && { body: shownBody(body) }),
  }
}

function shownBody(body: unknown): string {
  if (typeof body === 'string') return body.slice(0, shownBytes)
  if (body instanceof Uint8Array) return `${body.length} bytes`
  return body === undefined || body === null ? '' : 'a stream'
}

async function responseFacts(response: unknown, showsBody: boolean): Promise<Record<string, unknown>> {
  if (!isHttpResponse(response)) return {}
  const { statusCode, headers } = response
  const facts = { status: statusCode, headers: masking(headers, secretHeaders) }
  if (!showsBody || !isIterable(response.body)) return facts
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) if (chunk instanceof Uint8Array) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  // The library takes bytes as well as the stream that has been used up here.
  response.body = bytes
  return { ...facts, body: bytes.subarray(0, shownBytes).toString('utf8') }
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
