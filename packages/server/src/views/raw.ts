import { readSync } from 'node:fs'
import { type FileEntry, type OpenFile, StorageError } from '@filegate/core'
import { type CachedBody, largestCachedBody } from '../bodies/body-cache.ts'
import { coalesced, multipartRanges } from '../http/byte-ranges.ts'
import { conditionalStatus, rangeStillApplies } from '../http/conditional.ts'
import { containment, contentType, isMediaType, sampleSize, typeOfName } from '../http/content-type.ts'
import { httpDate } from '../http/date.ts'
import { contentDisposition } from '../http/disposition.ts'
import { contentRange, parseRange, satisfiable, type Span } from '../http/range.ts'
import { settled } from '../sources/settled.ts'
import type { ViewContext } from './view.ts'

/** The bytes of a file: whole, one range, or several. What a file answers when no parameter asks for another view. */
export function raw(context: ViewContext): Response | Promise<Response> {
  const entry = fileEntry(context)
  const { request, source } = context
  if (source.openLocal && request.plain) {
    const cached = smallBody(context, entry)
    if (cached) return context.reply.complete(cached.headers, cached.bytes)
  }
  return respond(context, entry)
}

function fileEntry({ source, request }: ViewContext): FileEntry {
  if (source.entry.kind === 'file') return source.entry
  throw new StorageError('IsADirectory', `Is a directory, not a file: /${request.path}`, { path: request.path })
}

/** From the cache when the file is still the one that was read, otherwise read whole: at this size that is one call. */
function smallBody(context: ViewContext, entry: FileEntry): CachedBody | undefined {
  const { services, source, request } = context
  if (entry.size === undefined || entry.size > largestCachedBody || !entry.etag) return undefined
  const cached = services.bodies.get(request.path)
  if (cached?.etag === entry.etag) return cached
  const file = source.openLocal?.()
  if (!file) return undefined
  try {
    const bytes = readAll(file)
    if (!bytes) return undefined
    const type = contentType(file.entry.name, bytes.subarray(0, sampleSize))
    const headers = context.reply.merged({
      ...describe(context, file.entry, type),
      'content-length': String(bytes.length),
    })
    const body = { etag: file.entry.etag, type, bytes, headers }
    if (settled(file.entry, Date.now())) services.bodies.set(request.path, body)
    return body
  } finally {
    file.close()
  }
}

/** Undefined when the file changed its size meanwhile; the streaming path then finds out what it is now. */
function readAll({ descriptor, entry }: OpenFile): Uint8Array<ArrayBuffer> | undefined {
  if (entry.size > largestCachedBody) return undefined
  const bytes = new Uint8Array(entry.size)
  let filled = 0
  while (filled < bytes.length) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled)
    if (count === 0) return undefined
    filled += count
  }
  return bytes
}

/** The headers that do not depend on which part of the file is sent. */
function describe({ request, settings }: ViewContext, entry: FileEntry, type: string): Record<string, string> {
  const { render } = settings
  const site = render.index || render.tryIndex || render.spa
  const kind = request.query.flag('download') ? 'attachment' : 'inline'
  const headers: Record<string, string> = {
    'content-type': type,
    'accept-ranges': 'bytes',
    'cache-control': 'no-cache',
    'content-disposition': contentDisposition(kind, entry.name),
  }
  if (!site) Object.assign(headers, containment(type))
  if (entry.etag) headers['etag'] = entry.etag
  if (entry.modified !== undefined) headers['last-modified'] = httpDate(entry.modified)
  return headers
}

async function respond(context: ViewContext, entry: FileEntry): Promise<Response> {
  const { request, reply } = context
  const header = (name: string): string | undefined => request.header(name)
  const type = requestedType(context) ?? mediaTypeOf(context, entry)
  const headers = describe(context, entry, type)
  const decided = conditionalStatus(header, entry)
  if (decided === 304) return reply(304, notModifiedHeaders(headers), null)
  if (decided === 412) return reply(412, {}, null)

  const ranges =
    request.method === 'GET' && entry.size !== undefined && rangeStillApplies(header, entry)
      ? parseRange(header('range'))
      : undefined
  if (!ranges || entry.size === undefined) return whole(context, entry, headers)
  const { size } = entry
  const spans = coalesced(satisfiable(ranges, size))
  const [first] = spans
  if (!first) return reply(416, { 'content-range': `bytes */${size}`, 'accept-ranges': 'bytes' }, null)
  return spans.length === 1 ? oneRange(context, entry, first, headers) : severalRanges(context, entry, spans, headers)
}

/** What RFC 9110, section 15.4.5 wants in a 304. */
function notModifiedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = ['etag', 'last-modified', 'cache-control', 'content-disposition']
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name)))
}

function requestedType({ request }: ViewContext): string | undefined {
  const wanted = request.query.text('content-type')
  if (wanted === undefined) return undefined
  if (isMediaType(wanted)) return wanted
  throw new StorageError(
    'InvalidArgument',
    "Parameter 'content-type' takes a media type such as text/plain; charset=utf-8.",
  )
}

/** On a local disk the first bytes are looked at, once for each state of a file; elsewhere that would cost a request. */
function mediaTypeOf({ source, services, request }: ViewContext, entry: FileEntry): string {
  if (!source.openLocal) return entry.contentType ?? typeOfName(entry.name) ?? 'application/octet-stream'
  const known = services.types.get(request.path)
  if (known && known.etag === entry.etag) return known.type
  const file = source.openLocal()
  try {
    const sample = new Uint8Array(Math.min(sampleSize, file.entry.size))
    const count = readSync(file.descriptor, sample, 0, sample.length, 0)
    const type = contentType(entry.name, sample.subarray(0, count))
    services.types.set(request.path, { etag: file.entry.etag, type })
    return type
  } finally {
    file.close()
  }
}

async function whole(context: ViewContext, entry: FileEntry, headers: Record<string, string>): Promise<Response> {
  const { request, source, reply } = context
  const length = entry.size === undefined ? {} : { 'content-length': String(entry.size) }
  if (request.method === 'HEAD') return reply(200, { ...headers, ...length }, null)
  const result = await source.open({ signal: request.signal })
  // A write between the look at the file and its opening: what is said of the file must be true of what is sent.
  if (result.entry.etag !== entry.etag) return changed(context, result.entry, result.body)
  context.handOff(result.body)
  return reply(200, { ...headers, ...length }, result.body)
}

async function oneRange(
  context: ViewContext,
  entry: FileEntry & { size?: number | undefined },
  span: Span,
  headers: Record<string, string>,
): Promise<Response> {
  const { request, source, reply } = context
  const result = await source.open({ range: span, signal: request.signal })
  if (result.entry.etag !== entry.etag) return changed(context, result.entry, result.body)
  context.handOff(result.body)
  const length = String(span.end - span.start)
  const range = contentRange(span, entry.size ?? span.end)
  return reply(206, { ...headers, 'content-range': range, 'content-length': length }, result.body)
}

async function severalRanges(
  context: ViewContext,
  entry: FileEntry,
  spans: readonly Span[],
  headers: Record<string, string>,
): Promise<Response> {
  const { request, source, reply } = context
  const open = async (range: Span): Promise<ReadableStream<Uint8Array>> => {
    const result = await source.open({ range, signal: request.signal })
    if (result.entry.etag === entry.etag) return result.body
    await result.body.cancel()
    throw new StorageError('Conflict', `The file changed while its ranges were being read: /${request.path}`)
  }
  const parts = multipartRanges(spans, entry.size ?? 0, headers['content-type'] ?? 'application/octet-stream', open)
  const length = String(parts.length)
  return reply(206, { ...headers, 'content-type': parts.contentType, 'content-length': length }, parts.body())
}

/** Starts over with the file as it is now. A file that never stands still ends in the client giving up, not in us. */
async function changed(context: ViewContext, now: FileEntry, body: ReadableStream<Uint8Array>): Promise<Response> {
  await body.cancel()
  return respond({ ...context, source: { ...context.source, entry: now } }, now)
}
