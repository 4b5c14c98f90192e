import { StorageError } from '@filegate/core'
import { ownChunks } from '../bodies/owned-chunks.ts'
import { releaseMemory } from '../bodies/release-memory.ts'
import { jsonType } from '../errors.ts'
import { preferredType } from '../http/accept.ts'
import type { Query } from '../http/query.ts'
import type { Body } from '../http/reply.ts'
import { gatherRows } from '../listing/gather-rows.ts'
import { parseCursor } from '../listing/part-cursor.ts'
import { type ListingPartRequest, partOfListing } from '../listing/part-of-listing.ts'
import { pathItem, rowOf } from '../listing/row.ts'
import { buffersOf, type RowColumns } from '../listing/row-columns.ts'
import { type Sorting, sortFields, sortOrders } from '../listing/arrange-rows.ts'
import { byteStream } from '../listing/byte-stream.ts'
import { textStream } from '../listing/text-stream.ts'
import { type ListingFacts, listingJson } from '../listing/write-json.ts'
import { listingText } from '../listing/write-text.ts'
import { listingHtml, pagesOf } from '../pages/listing-page.ts'
import { type OfferedChanges, offeredChanges } from '../pages/offered-changes.ts'
import { changingPageHeaders, pageHeaders } from '../pages/page.ts'
import { renderedIndex } from '../render/rendered-index.ts'
import type { View, ViewContext } from './view.ts'

/** What is in a directory, as JSON, as text or as a page; of a file, its one item as JSON. */
export const listing: View = {
  name: 'listing',
  takes: 'any',
  async respond(context) {
    if (context.source.entry.kind === 'file') return fileItem(context)
    return (await renderedIndex(context)) ?? listDirectory(context)
  },
}

const formats = ['text/html', 'application/json', 'text/plain'] as const
type Format = (typeof formats)[number]

const contentTypes: Readonly<Record<Format, string>> = {
  'text/html': 'text/html; charset=utf-8',
  'application/json': jsonType,
  'text/plain': 'text/plain; charset=utf-8',
}

/** Also what `?view` shows of a directory. */
export async function listDirectory(context: ViewContext, format: Format = wanted(context)): Promise<Response> {
  const { request, reply } = context
  const changes = offeredChanges(context)
  const offers = changes.upload || changes.delete
  const show =
    format === 'text/html' ? pageOf(context, changes) : format === 'text/plain' ? textOf(context) : jsonOf(context)
  const headers = {
    ...(format === 'text/html'
      ? offers
        ? changingPageHeaders
        : pageHeaders
      : { 'content-type': contentTypes[format], 'cache-control': 'no-cache' }),
    vary: 'Accept',
  }
  if (request.method === 'HEAD') return reply(200, headers, null)
  return reply(200, headers, await show())
}

/** Each looks at its parameters at once and does its work when called. */
function pageOf(context: ViewContext, changes: OfferedChanges): () => Promise<Body> {
  const sorting = sortingOf(context) ?? byName
  const page = context.request.query.integer('page', { default: 1, min: 1, max: 1_000_000 })
  return async () => {
    const { rows } = await gatherRows(context, context.request.path, { sorting })
    const canArchive = factsOf(context).allow_archive
    const shown = Math.min(page, pagesOf(rows))
    return bodyOfText(rows, listingHtml(context, { rows, sorting, page: shown, canArchive, changes }))
  }
}

function textOf(context: ViewContext): () => Promise<Body> {
  const sorting = sortingOf(context) ?? byName
  return async () => {
    const { rows } = await gatherRows(context, context.request.path, { sorting })
    return bodyOfText(rows, listingText(rows))
  }
}

function jsonOf(context: ViewContext): () => Promise<Body> {
  const { query, path } = context.request
  const sorting = sortingOf(context)
  const part = partOf(query)
  return async () => {
    if (!part) {
      const { rows } = await gatherRows(context, path, { sorting: sorting ?? byName })
      return bodyOfBytes(
        rows,
        listingJson(factsOf(context), rows, { revisions: await context.revisions?.revisionsIn(path) }),
      )
    }
    const { rows, next } = await partOfListing(context, path, { ...part, sorting })
    const revisions = await context.revisions?.revisionsIn(path)
    return bodyOfBytes(rows, listingJson(factsOf(context), rows, { next, revisions }))
  }
}

const largestPart = 10_000

/** `limit` and `after`, with which programs go through a large directory part by part. */
function partOf(query: Query): Omit<ListingPartRequest, 'sorting'> | undefined {
  const after = query.text('after')
  if (query.has('limit')) {
    const limit = query.integer('limit', { default: largestPart, min: 1, max: largestPart })
    return { limit, after: after === undefined ? undefined : parseCursor(after) }
  }
  if (after !== undefined) throw new StorageError('InvalidArgument', "Parameter 'after' needs a 'limit' beside it.")
  return undefined
}

/** Short ones go out in one write, with their length. */
const worthStreaming = 200
const isLong = ({ types }: RowColumns): boolean => types.length >= worthStreaming

const bodyOfText = (rows: RowColumns, pieces: Iterable<string>): Body =>
  isLong(rows) ? textStream(pieces) : [...pieces].join('')

const bodyOfBytes = (rows: RowColumns, chunks: Iterable<Uint8Array>): Body =>
  isLong(rows) ? ownChunks(byteStream(thenRelease(chunks, rows))) : new Uint8Array(Buffer.concat([...chunks]))

/** Left to the collector, the columns of several large listings would come together before it notices. */
function* thenRelease(chunks: Iterable<Uint8Array>, rows: RowColumns): Generator<Uint8Array> {
  try {
    yield* chunks
  } finally {
    for (const buffer of buffersOf(rows)) releaseMemory(new Uint8Array(buffer))
  }
}

/** `?json` and `?simple` decide; then, on the basic surface, what the client says that it accepts. */
function wanted({ request }: ViewContext): Format {
  if (request.query.flag('json')) return 'application/json'
  if (request.query.flag('simple')) return 'text/plain'
  if (request.surface === 'v1') return 'application/json'
  return preferredType(request.header('accept'), formats) ?? 'text/html'
}

const byName: Sorting = { field: 'name', order: 'asc' }

/** Undefined where the caller asks for no order. */
function sortingOf({ request }: ViewContext): Sorting | undefined {
  const field = request.query.choice('sort', sortFields)
  const order = request.query.choice('order', sortOrders)
  return field || order ? { field: field ?? byName.field, order: order ?? byName.order } : undefined
}

/** What is allowed is what is switched on and what this caller may do in this directory. */
export function factsOf({ request, settings, scope }: ViewContext): ListingFacts {
  const { allow } = settings
  const level = scope.level(request.path)
  const writable = level === 'write'
  const readable = writable || level === 'read'
  return {
    allow_archive: allow.archive && readable,
    allow_delete: allow.delete && writable,
    allow_search: allow.search && readable,
    allow_upload: allow.upload && writable,
    auth: settings.accounts.length > 0,
    dir_exists: true,
    href: `/${request.path}`,
    kind: 'Index',
    uri_prefix: `${settings.pathPrefix}/api/v1/files`,
    user: scope.user,
  }
}

async function fileItem({ source, reply, revisions }: ViewContext): Promise<Response> {
  const headers = { 'content-type': jsonType, 'cache-control': 'no-cache' }
  const count = (await revisions?.revisionsOf(source.entry.path)) ?? null
  return reply(200, headers, `${JSON.stringify(pathItem(rowOf(source.entry), count))}\n`)
}
