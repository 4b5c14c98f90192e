import { encodeUrlPath, type StoragePath } from '@filegate/core'
import type { PageContext } from './page.ts'

type Place = Pick<PageContext, 'request' | 'settings'>

/** The URL of a path on the basic surface, from the root of the server. Directories end in a slash. */
export function urlOf(context: Pick<PageContext, 'settings'>, path: StoragePath, kind: 'file' | 'directory'): string {
  const slash = kind === 'directory' && path !== '' ? '/' : ''
  return `${context.settings.pathPrefix}/${encodeUrlPath(path)}${slash}`
}

/** The URL of a file of the storage that a page is about. `form`: the parameters of how it is to be shown. */
export const fileLink = (context: Place, path: StoragePath, form = ''): string =>
  `${placeOf(context, path, 'file')}${queryOf(context, ['backend'], form)}`

/** The URL of what a page is about: of the bytes that the file held long ago, if these are what it shows. */
export const sameLink = (context: Place, path: StoragePath, form = ''): string =>
  `${placeOf(context, path, 'file')}${sameQuery(context, form)}`

/** The same, from the page itself. */
export const sameQuery = (context: Place, form: string): string => queryOf(context, ['backend', 'revision', 'at'], form)

/** The URL of the page of a folder. Programs are told of one on a backend in JSON unless they say otherwise. */
export const folderLink = (context: Place, path: StoragePath): string =>
  `${placeOf(context, path, 'directory')}${isElsewhere(context) ? queryOf(context, ['backend'], 'view') : ''}`

/** From the page of a folder to itself in another order, or on another page. */
export const folderQuery = (context: Place, form: string): string =>
  sameQuery(context, isElsewhere(context) ? `view&${form}` : form)

/** The URL of a folder as an archive. */
export const archiveLink = (context: Place, path: StoragePath): string =>
  `${placeOf(context, path, 'directory')}${queryOf(context, ['backend'], 'zip')}`

const isElsewhere = ({ request }: Place): boolean => request.query.has('backend')

/** Backends have a place on one surface only. */
function placeOf(context: Place, path: StoragePath, kind: 'file' | 'directory'): string {
  if (!isElsewhere(context)) return urlOf(context, path, kind)
  const slash = kind === 'directory' && path !== '' ? '/' : ''
  return `${context.settings.pathPrefix}/api/v1/files/${encodeUrlPath(path)}${slash}`
}

function queryOf(
  { request: { query } }: Place,
  carried: readonly ('backend' | 'revision' | 'at')[],
  form: string,
): string {
  const parameters = carried.flatMap((name) => {
    const value = query.text(name)
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  })
  if (form !== '') parameters.push(form)
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`
}
