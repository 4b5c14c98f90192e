import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { randomBytes } from 'node:crypto'
import { oneRange } from '../one-range.ts'
import type { Download } from './call.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export const textAnswer = (status: number, text: string, type = 'text/plain; charset=utf-8'): Answer => ({
  status,
  headers: { 'content-type': type },
  body: Buffer.from(text),
})

export const jsonAnswer = (status: number, value: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(value ?? null)),
})

/** JSON that a header can carry: nothing beyond ASCII, and no DEL. */
const headerSafe = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

export function downloadAnswer(found: Download, headers: IncomingHttpHeaders): Answer {
  const { bytes, rev, hasRanges, result } = found
  const tag = rev === undefined ? undefined : `W/"${rev}"`
  const common = {
    ...(result !== undefined && { 'dropbox-api-result': headerSafe(result) }),
    ...(tag !== undefined && { etag: tag }),
    'cache-control': 'no-cache',
  }
  if (tag !== undefined && headers['if-none-match'] === tag)
    return { status: 304, headers: common, body: new Uint8Array() }
  const part = hasRanges ? oneRange(headers.range, bytes.length) : undefined
  if (part === 'unsatisfiable') {
    const where = { 'content-range': `bytes */${bytes.length}`, 'content-type': 'text/plain; charset=utf-8' }
    return { status: 416, headers: where, body: Buffer.from('Requested Range Not Satisfiable') }
  }
  const type = { 'content-type': 'application/octet-stream', ...(hasRanges && { 'accept-ranges': 'bytes' }) }
  const length = { 'original-content-length': String(bytes.length) }
  if (!part) return { status: 200, headers: { ...common, ...type, ...length }, body: bytes }
  const range = { 'content-range': `bytes ${part.start}-${part.end - 1}/${bytes.length}` }
  return {
    status: 206,
    headers: { ...common, ...type, ...length, ...range },
    body: bytes.subarray(part.start, part.end),
  }
}

/** @param cutAfter bytes of the body after which the connection breaks */
export async function send(
  outgoing: ServerResponse,
  { status, headers, body }: Answer,
  withBody: boolean,
  cutAfter?: number,
) {
  const hasLength = status !== 304
  outgoing.writeHead(status, {
    ...(hasLength && { 'content-length': String(body.length) }),
    'x-dropbox-request-id': randomBytes(16).toString('hex'),
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  if (cutAfter !== undefined) {
    await new Promise((resolve) => outgoing.write(body.subarray(0, cutAfter), resolve))
    outgoing.destroy()
    return
  }
  if (!withBody || !hasLength) outgoing.end()
  else outgoing.end(body)
}
