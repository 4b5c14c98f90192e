import { type ReadResult, StorageError, type StorageDriver } from '@filegate/core'
import { parseConditions } from '../http/conditional.ts'
import { typeOfName } from '../http/content-type.ts'
import { contentRange, parseRange } from '../http/range.ts'
import { rawHeaders, requestedType } from './raw-headers.ts'
import type { ViewContext } from './view.ts'

type Elsewhere = Pick<ViewContext, 'request' | 'settings' | 'reply'> & { readonly storage: StorageDriver }

/**
 * The bytes of a file on a storage where every question costs a request: range and conditions go along with the read, and what
 * the read tells of the file becomes the headers. Undefined when one request cannot answer: the path may be a folder, the range
 * lie outside the file, or the range depend on what the file is.
 */
export async function rawElsewhere(context: Elsewhere): Promise<Response | undefined> {
  const { request, storage, reply } = context
  const header = (name: string): string | undefined => request.header(name)
  const ranges = parseRange(header('range'))
  if (request.method === 'HEAD' || (ranges && (ranges.length > 1 || header('if-range') !== undefined))) return undefined
  const conditions = parseConditions(header)
  try {
    const [range] = ranges ?? []
    return answer(context, await storage.read(request.path, { range, conditions, signal: request.signal }))
  } catch (error) {
    if (StorageError.is(error, 'PreconditionFailed')) return reply(412, {}, null)
    if (StorageError.is(error, 'NotModified')) return reply(304, knownEtag(conditions?.ifNoneMatch), null)
    if (oneOf(error, ['NotFound', 'IsADirectory', 'RangeNotSatisfiable'])) return undefined
    throw error
  }
}

const oneOf = (error: unknown, codes: readonly StorageError['code'][]): boolean =>
  codes.some((code) => StorageError.is(error, code))

/** A vendor's 304 tells nothing but that one of the etags still holds; with one there is no doubt which. */
function knownEtag(etags: readonly string[] | undefined): Record<string, string> {
  const [etag] = etags ?? []
  const known = etags?.length === 1 && etag !== undefined && etag !== '*'
  return { 'cache-control': 'no-cache', ...(known ? { etag } : {}) }
}

function answer(context: Elsewhere, { entry, range, body }: ReadResult): Response {
  const type = requestedType(context) ?? entry.contentType ?? typeOfName(entry.name) ?? 'application/octet-stream'
  const headers = rawHeaders(context, entry, type)
  if (range) {
    const partial = {
      'content-range': contentRange(range, entry.size),
      'content-length': String(range.end - range.start),
    }
    return context.reply(206, { ...headers, ...partial }, body)
  }
  const length = entry.size === undefined ? {} : { 'content-length': String(entry.size) }
  return context.reply(200, { ...headers, ...length }, body)
}
