import { type FileEntry, StorageError } from '@filegate/core'
import { containment, isMediaType } from '../http/content-type.ts'
import { httpDate } from '../http/date.ts'
import { contentDisposition } from '../http/disposition.ts'
import type { ViewContext } from './view.ts'

type Facts = Pick<ViewContext, 'request' | 'settings'>

/** The headers that do not depend on which part of the file is sent. */
export function rawHeaders({ request, settings }: Facts, entry: FileEntry, type: string): Record<string, string> {
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

/** What RFC 9110, section 15.4.5 wants in a 304. */
export function notModifiedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = ['etag', 'last-modified', 'cache-control', 'content-disposition']
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name)))
}

/** What the caller wants the bytes to be called, if anything. */
export function requestedType({ request }: Facts): string | undefined {
  const wanted = request.query.text('content-type')
  if (wanted === undefined) return undefined
  if (isMediaType(wanted)) return wanted
  throw new StorageError(
    'InvalidArgument',
    "Parameter 'content-type' takes a media type such as text/plain; charset=utf-8.",
  )
}
