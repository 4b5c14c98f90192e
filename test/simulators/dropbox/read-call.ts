import type { IncomingMessage } from 'node:http'
import { badInput } from './api-error.ts'
import type { ApiRoute } from './routes.ts'
import { Invalid } from './stone.ts'

/** Everything that came in a body; of what is longer than `most`, one byte more. */
export async function readBody(incoming: IncomingMessage, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of incoming) {
    if (!Buffer.isBuffer(piece)) continue
    if (size <= most) pieces.push(piece)
    size += piece.length
  }
  return Buffer.concat(pieces).subarray(0, most + 1)
}

const cors = 'text/plain; charset=dropbox-cors-hack'
const contentTypes: Readonly<Record<ApiRoute['style'], readonly string[]>> = {
  rpc: ['application/json', 'application/json; charset=utf-8', cors],
  upload: ['application/octet-stream', cors],
  download: [
    'application/octet-stream',
    'application/octet-stream; charset=utf-8',
    'text/plain',
    'text/plain; charset=utf-8',
    cors,
  ],
}

function checkContentType({ style }: ApiRoute, type: string | undefined, isEmpty: boolean): void {
  if (type === undefined || type === '') {
    // A body of nothing needs no type, but an upload of nothing is one.
    if (style === 'download' || (style === 'rpc' && isEmpty)) return
    throw badInput('Missing or empty HTTP "Content-Type" header.')
  }
  if (contentTypes[style].includes(type.toLowerCase())) return
  const expected = contentTypes[style].map((one) => `"${one}"`).join(', ')
  throw badInput(`Bad HTTP "Content-Type" header: "${type}".  Expecting one of ${expected}.`)
}

export interface ReadCall {
  readonly argument: unknown
  /** The argument as it came. */
  readonly written: unknown
  readonly content: Buffer
}

/** The argument of a call, checked, and its content. */
export async function readCall(
  route: ApiRoute,
  incoming: IncomingMessage,
  query: URLSearchParams,
  most: number,
): Promise<ReadCall> {
  const { method = '', headers } = incoming
  const content = await readBody(incoming, route.style === 'upload' ? most : undefined)
  if (method !== 'POST' && !(method === 'GET' && route.style === 'download')) {
    throw badInput(
      `Your request's HTTP request method is "${method}".  This function only accepts the HTTP request methods "POST".`,
    )
  }
  checkContentType(route, headers['content-type'], content.length === 0)
  if (route.style === 'rpc') {
    return { ...readArgument(route, content.toString('utf8'), 'request body'), content: Buffer.alloc(0) }
  }
  if (route.style === 'download' && content.length > 0) {
    throw badInput("The request body is supposed to be empty, but isn't.")
  }
  const given = headers['dropbox-api-arg']
  const header = Array.isArray(given) ? given.join(', ') : given
  const written = query.get('arg') ?? (header === undefined ? undefined : decodeHeader(header))
  if (written === undefined) throw badInput('Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg".')
  const where = query.has('arg') ? 'URL parameter "arg"' : 'HTTP header "Dropbox-API-Arg"'
  return { ...readArgument(route, written, where), content }
}

/** What is not escaped has to be UTF-8, and is taken then; Node shows headers as Latin 1. */
function decodeHeader(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'))
  } catch {
    throw badInput('HTTP header "Dropbox-API-Arg": could not decode input as JSON')
  }
}

function readArgument(route: ApiRoute, written: string, where: string): Omit<ReadCall, 'content'> {
  let value: unknown
  try {
    value = written === '' && where === 'request body' ? undefined : JSON.parse(written)
  } catch {
    throw badInput(`${where}: could not decode input as JSON`)
  }
  try {
    return { argument: route.readArgument(value), written: value }
  } catch (error) {
    throw error instanceof Invalid ? badInput(`${where}: ${error.message}`) : error
  }
}
