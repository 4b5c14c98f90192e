import { encodeUrlPath, joinPath, notFound, StorageError } from '@filegate/core'
import { currentSource } from '../sources/current.ts'
import { raw } from '../views/raw.ts'
import type { ViewContext } from '../views/view.ts'
import { requestAt } from './request-at.ts'

export const indexName = 'index.html'

/**
 * What `--render-index` and its kin make of a directory: its `index.html`, as a web server would. Undefined when they are
 * off, leave the directory to the listing, or the caller asked for the listing by a parameter.
 * @throws StorageError `NotFound` where only an index may be shown and there is none.
 */
export async function renderedIndex(context: ViewContext): Promise<Response | undefined> {
  const { request, settings } = context
  const { index, tryIndex, spa } = settings.render
  if (!index && !tryIndex && !spa) return undefined
  if (request.surface !== 'basic' || request.query.has('json') || request.query.has('simple')) return undefined
  const found = await indexOf(context)
  if (found) return request.path === '' || request.trailingSlash ? raw(found) : redirectToSlash(context)
  if (tryIndex) return undefined
  throw notFound(joinPath(request.path, indexName))
}

/** The context of a request for the index; undefined when there is none that the caller may read. */
async function indexOf(context: ViewContext): Promise<ViewContext | undefined> {
  const { storage, local, request } = context
  const path = joinPath(request.path, indexName)
  try {
    const entry = await storage.stat(path, request)
    if (entry.kind !== 'file') return undefined
    return { ...context, request: requestAt(request, path), source: currentSource(storage, local, path, entry) }
  } catch (error) {
    if (StorageError.is(error) && unreadable.has(error.code)) return undefined
    throw error
  }
}

const unreadable: ReadonlySet<string> = new Set(['NotFound', 'AccessDenied', 'Unauthenticated'])

/** Relative links in the index mean its folder only when the URL ends in a slash. */
function redirectToSlash({ request, settings, reply }: ViewContext): Response {
  const location = `${settings.pathPrefix}/${encodeUrlPath(request.path)}/${request.query.search}`
  return reply(301, { location, 'cache-control': 'no-cache', 'content-length': '0' }, null)
}
