import { parentPath, parseUrlPath, root, statIfThere, StorageError } from '@filegate/core'
import { problem } from '../http/problem.ts'
import { pathOfTarget } from '../http/read-request.ts'
import { noParent } from './make-collection.ts'
import { checkRight } from './permission.ts'
import { type Kind, transferTo } from './transfer.ts'
import type { Operation, Place, Writing } from './writing.ts'

/** COPY and MOVE put an entry where the header Destination says (RFC 4918, sections 9.8 and 9.9). */
export const davCopy: Operation = { features: ['upload'], right: 'read-all', run: (writing) => run(writing, 'copy') }
export const davMove: Operation = {
  features: ['upload', 'delete'],
  right: 'write-all',
  run: (writing) => run(writing, 'move'),
}

async function run(writing: Writing, kind: Kind): Promise<Response> {
  const { incoming, place, parts, signal } = writing
  const to = destinationOf(writing)
  const overwrite = overwriteOf(incoming.header('overwrite'))
  const isShallow = isShallowOf(incoming.header('depth'), kind)
  checkRight(to, 'write-all')
  if (to.path === place.path) {
    throw new StorageError('AccessDenied', `/${place.path} is there already: source and destination are the same.`)
  }
  const storage = await writing.open(to.backend)
  const above = await statIfThere(storage, parentPath(to.path), { signal, fresh: true })
  if (above?.kind !== 'directory') throw noParent(to.path)
  try {
    const replaced = await transferTo(writing, kind, to, { overwrite, isShallow })
    return parts.reply(replaced ? 204 : 201, { 'cache-control': 'no-store' }, null)
  } catch (error) {
    if (!overwrite && StorageError.is(error, 'AlreadyExists')) {
      throw new StorageError('PreconditionFailed', error.message, { path: to.path })
    }
    throw error
  }
}

/** @throws StorageError with status 400, or 502 for another server */
function destinationOf({ incoming, place, placeAt, base }: Writing): Place {
  const text = incoming.header('destination')?.trim()
  if (text === undefined || text === '') throw malformed()
  const [, host] = /^https?:\/\/([^/?#]+)/i.exec(text) ?? []
  if (host !== undefined && host.toLowerCase() !== incoming.header('host')?.toLowerCase()) {
    const message = `The header Destination names another server, ${JSON.stringify(host)}.`
    throw problem('Unsupported', { status: 502, code: 'OTHER_SERVER' }, message)
  }
  if (host === undefined && !text.startsWith('/')) throw malformed()
  const path = pathOfTarget(text)
  if (path !== base && !path.startsWith(`${base}/`)) throw malformed()
  const parsed = parseUrlPath(path.slice(base.length))
  if (parsed === root) throw new StorageError('AccessDenied', 'The served folder itself cannot be replaced.')
  return placeAt(place.backend, parsed, false)
}

const malformed = (): StorageError =>
  new StorageError('InvalidArgument', 'The header Destination takes the URL of the new place, on this server.')

/** @throws StorageError `InvalidArgument` */
function overwriteOf(header: string | undefined): boolean {
  const value = header?.trim().toUpperCase() ?? 'T'
  if (value === 'T' || value === 'F') return value === 'T'
  throw new StorageError('InvalidArgument', 'The header Overwrite takes T or F.')
}

/** Whether a folder goes without what it holds, which only a copy can. @throws StorageError `InvalidArgument` */
function isShallowOf(header: string | undefined, kind: Kind): boolean {
  const depth = header?.trim().toLowerCase() ?? 'infinity'
  if (depth === 'infinity') return false
  if (depth === '0' && kind === 'copy') return true
  throw new StorageError('InvalidArgument', `The header Depth cannot be ${JSON.stringify(depth)} here.`)
}
