import {
  type Entry,
  type LocalAccess,
  parseUrlPath,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { restricted } from '../access/restricted.ts'
import type { Scope } from '../access/scope.ts'
import type { Reply } from '../http/reply.ts'
import { type Incoming, pathOfTarget, readRequest, searchOfTarget } from '../http/read-request.ts'
import type { Services } from '../services.ts'
import type { Settings } from '../settings.ts'
import { currentSource } from '../sources/current.ts'
import { checkTakes, chooseView } from '../views/choose.ts'
import { listing } from '../views/listing.ts'
import { raw } from '../views/raw.ts'
import type { Surface, View, ViewContext } from '../views/view.ts'

export interface ReadingParts {
  readonly settings: Settings
  readonly storage: StorageDriver
  readonly local: LocalAccess | undefined
  readonly services: Services
  readonly reply: Reply
  /** The only file there is, when a single file is served. */
  readonly onlyFile?: StoragePath | undefined
}

export type HandOff = (body: ReadableStream<Uint8Array>) => void

/**
 * Answers GET and HEAD on a path: parse the path, check the rights, pick the source, pick the view. Synchronous as far as
 * the local disk and the view are, because that is several times faster for small files.
 */
export function createReader(parts: ReadingParts) {
  return (incoming: Incoming, surface: Surface, base: string, scope: Scope, handOff: HandOff) => {
    const path = servedPath(parts, parseUrlPath(pathOfTarget(incoming.target).slice(base.length)))
    const request = readRequest(incoming, surface, path, searchOfTarget(incoming.target))
    const view = request.plain ? undefined : chooseView(request.query)
    checkAllowed(parts.settings, scope, path, view)
    const storage = restricted(parts.storage, scope)
    const respond = (entry: Entry): Response | Promise<Response> => {
      if (entry.kind === 'file' && scope.level(path) === 'index') refuse(parts.settings, scope, path)
      const source = currentSource(storage, parts.local, path, entry)
      return show(view, { request, source, storage, scope, handOff, ...shared(parts) })
    }
    return parts.local ? respond(parts.local.stat(path)) : storage.stat(path, request).then(respond)
  }
}

const shared = ({ local, settings, services, reply }: ReadingParts) => ({ local, settings, services, reply })

function servedPath({ onlyFile }: ReadingParts, path: StoragePath): StoragePath {
  if (onlyFile === undefined || path === onlyFile) return path
  if (path === '') return onlyFile
  throw new StorageError('NotFound', `File or directory not found: /${path}`, { path })
}

function checkAllowed(settings: Settings, scope: Scope, path: StoragePath, view: View | undefined): void {
  if (scope.level(path) === 'none') refuse(settings, scope, path)
  if (!view?.feature || settings.allow[view.feature]) return
  const message = `Parameter '${view.parameters[0]}' is switched off; the server must be started with --allow-${view.feature}.`
  throw new StorageError('AccessDenied', message, { path })
}

/** Who has not logged in is asked to; who has is told that it would not help. */
function refuse(settings: Settings, scope: Scope, path: StoragePath): never {
  if (settings.accounts.length > 0 && scope.user === null) {
    throw new StorageError('Unauthenticated', `Log in to read /${path}`, { path })
  }
  throw new StorageError('AccessDenied', `Access to /${path} is forbidden`, { path })
}

function show(view: View | undefined, context: ViewContext): Response | Promise<Response> {
  const { entry } = context.source
  if (!view) return entry.kind === 'file' ? raw(context) : listing.respond(context)
  checkTakes(view, entry)
  return view.respond(context)
}
