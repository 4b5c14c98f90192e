import { jsonType } from '../errors.ts'
import { preferredType } from '../http/accept.ts'
import { gatherRows } from '../listing/gather-rows.ts'
import { pathItem, type Row, rowOf } from '../listing/row.ts'
import { type Sorting, sortFields, sortOrders } from '../listing/sort-rows.ts'
import { textStream } from '../listing/text-stream.ts'
import { type ListingFacts, listingJson } from '../listing/write-json.ts'
import { listingText } from '../listing/write-text.ts'
import { listingHtml, pagesOf } from '../pages/listing-page.ts'
import { pageHeaders } from '../pages/page.ts'
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
  const sorting = sortingOf(context)
  const page = request.query.integer('page', { default: 1, min: 1, max: 1_000_000 })
  const headers = {
    ...(format === 'text/html' ? pageHeaders : { 'content-type': contentTypes[format], 'cache-control': 'no-cache' }),
    vary: 'Accept',
  }
  if (request.method === 'HEAD') return reply(200, headers, null)
  const rows = await gatherRows(context, request.path, sorting)
  if (format === 'text/html') return reply(200, headers, htmlOf(context, rows, sorting, page))
  const pieces = format === 'text/plain' ? listingText(rows) : listingJson(factsOf(context), rows)
  return reply(200, headers, bodyOf(rows, pieces))
}

const htmlOf = (context: ViewContext, rows: readonly Row[], sorting: Sorting, page: number) =>
  bodyOf(
    rows,
    listingHtml(context, {
      rows,
      sorting,
      page: Math.min(page, pagesOf(rows)),
      canArchive: factsOf(context).allow_archive,
    }),
  )

/** Short ones go out in one write, with their length. */
const worthStreaming = 200
const bodyOf = (rows: readonly Row[], pieces: Iterable<string>) =>
  rows.length < worthStreaming ? [...pieces].join('') : textStream(pieces)

/** `?json` and `?simple` decide; then, on the basic surface, what the client says that it accepts. */
function wanted({ request }: ViewContext): Format {
  if (request.query.flag('json')) return 'application/json'
  if (request.query.flag('simple')) return 'text/plain'
  if (request.surface === 'v1') return 'application/json'
  return preferredType(request.header('accept'), formats) ?? 'text/html'
}

function sortingOf({ request }: ViewContext): Sorting {
  return {
    field: request.query.choice('sort', sortFields) ?? 'name',
    order: request.query.choice('order', sortOrders) ?? 'asc',
  }
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

function fileItem({ source, reply }: ViewContext): Response {
  const headers = { 'content-type': jsonType, 'cache-control': 'no-cache' }
  return reply(200, headers, `${JSON.stringify(pathItem(rowOf(source.entry)))}\n`)
}
