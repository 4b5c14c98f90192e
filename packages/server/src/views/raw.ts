import { readSync } from 'node:fs'
import { type FileEntry, type OpenFile, StorageError } from '@filegate/core'
import { type CachedBody, largestCachedBody } from '../bodies/body-cache.ts'
import { coalesced, multipartRanges } from '../http/byte-ranges.ts'
import { conditionalStatus, rangeStillApplies } from '../http/conditional.ts'
import { contentType, sampleSize, typeOfName } from '../http/content-type.ts'
import { contentRange, parseRange, satisfiable, type Span } from '../http/range.ts'
import { settled } from '../sources/settled.ts'
import { notModifiedHeaders, rawHeaders, requestedType } from './raw-headers.ts'
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
      ...rawHeaders(context, file.entry, type),
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

/** How often a file may change under our hands before we give up. */
const mostAttempts = 3

async function respond(context: ViewContext, entry: FileEntry, attempt = 1): Promise<Response> {
  const { request, reply, source } = context
  const header = (name: string): string | undefined => request.header(name)
  // Asked for HEAD as well: it tells whether there is anything to be had.
  const sample = source.sample && (await source.sample(sampleSize, request.signal))
  const type = requestedType(context) ?? (sample ? contentType(entry.name, sample) : mediaTypeOf(context, entry))
  const headers = rawHeaders(context, entry, type)
  const decided = conditionalStatus(header, entry)
  if (decided === 304) return reply(304, notModifiedHeaders(headers), null)
  if (decided === 412) return reply(412, {}, null)

  const ranges =
    request.method === 'GET' && entry.size !== undefined && rangeStillApplies(header, entry)
      ? parseRange(header('range'))
      : undefined
  const spans = ranges && entry.size !== undefined ? coalesced(satisfiable(ranges, entry.size)) : undefined
  if (spans?.length === 0) return reply(416, unsatisfiable(entry.size), null)
  if (spans && spans.length > 1) return severalRanges(context, entry, spans, headers)
  const opened = await openSame(context, entry, spans?.[0])
  if ('now' in opened && attempt < mostAttempts) return respond(at(context, opened.now), opened.now, attempt + 1)
  if ('now' in opened) throw new StorageError('Conflict', `The file keeps changing: /${request.path}`)
  return onePiece(context, entry, { span: spans?.[0], headers, body: opened.body })
}

const at = (context: ViewContext, entry: FileEntry): ViewContext => ({
  ...context,
  source: { ...context.source, entry },
})

const unsatisfiable = (size: number | undefined): Record<string, string> => ({
  'content-range': `bytes */${size ?? '*'}`,
  'accept-ranges': 'bytes',
})

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

/**
 * Opens the file, and tells when it is no longer the one that was looked at: what is said of it must be true of what is sent.
 * For HEAD there is nothing to open.
 */
async function openSame(
  { request, source }: ViewContext,
  entry: FileEntry,
  range: Span | undefined,
): Promise<{ body: ReadableStream<Uint8Array> | null } | { now: FileEntry }> {
  if (request.method === 'HEAD') return { body: null }
  const result = await source.open({ range, signal: request.signal })
  if (result.entry.etag === entry.etag) return { body: result.body }
  await result.body.cancel()
  return { now: result.entry }
}

interface Piece {
  /** Absent: the whole file. */
  readonly span: Span | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: ReadableStream<Uint8Array> | null
}

function onePiece({ reply, handOff }: ViewContext, { size }: FileEntry, { span, headers, body }: Piece): Response {
  if (body) handOff(body)
  const length = span ? span.end - span.start : size
  const sized = length === undefined ? headers : { ...headers, 'content-length': String(length) }
  if (!span || size === undefined) return reply(200, sized, body)
  return reply(206, { ...sized, 'content-range': contentRange(span, size) }, body)
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
