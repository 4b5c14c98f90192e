import {
  type Entry,
  type LocalAccess,
  parseUrlPath,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { createReach } from '../access/reach.ts'
import { refusal } from '../access/restricted.ts'
import type { Scope } from '../access/scope.ts'
import type { Backends } from '../backends/backends.ts'
import type { Journal } from '../journal/journal.ts'
import type { Reply } from '../http/reply.ts'
import { type Incoming, pathOfTarget, readRequest, searchOfTarget } from '../http/read-request.ts'
import { applicationPage } from '../render/application-page.ts'
import { requestAt } from '../render/request-at.ts'
import type { Services } from '../services.ts'
import type { Settings } from '../settings.ts'
import { currentSource } from '../sources/current.ts'
import { asksForPast, checkTakes, chooseView } from '../views/choose.ts'
import type { SelectableView } from '../views/index.ts'
import { raw } from '../views/raw.ts'
import type { ReadRequest, Surface, View, ViewContext } from '../views/view.ts'

export interface ReadingParts {
  readonly settings: Settings
  readonly storage: StorageDriver
  readonly local: LocalAccess | undefined
  /** Absent when the server has none. */
  readonly backends?: Pick<Backends, 'open'> | undefined
  readonly services: Services
  /** Absent when the server keeps none. */
  readonly journal?: Journal | undefined
  readonly reply: Reply
  /** The only file there is, when a single file is served. */
  readonly onlyFile?: StoragePath | undefined
}

export type HandOff = (body: ReadableStream<Uint8Array>) => void

/** One request on its way: what it asks for, for whom, and where the bytes are. */
export interface Reading {
  readonly parts: ReadingParts
  readonly request: ReadRequest
  readonly scope: Scope
  readonly storage: StorageDriver
  readonly local: LocalAccess | undefined
  /** Absent: the served folder. */
  readonly backend?: string | undefined
  readonly handOff: HandOff
}

/**
 * Answers GET and HEAD on a path: parse the path, check the rights, pick the source, pick the view. Synchronous as far as
 * the local disk and the view are, because that is several times faster for small files.
 */
export function createReader(parts: ReadingParts) {
  const reachOf = createReach(parts.storage, parts.local, parts.settings)
  return (incoming: Incoming, surface: Surface, base: string, scope: Scope, handOff: HandOff) => {
    const asked = parseUrlPath(pathOfTarget(incoming.target).slice(base.length))
    const request = readRequest(incoming, surface, asked, searchOfTarget(incoming.target))
    const { storage, local } = reachOf(scope)
    const reading = { parts, request, scope, handOff, local, storage }
    if (!request.plain && request.query.has('backend')) return elsewhere(reading)
    const path = servedPath(parts, asked)
    if (path !== asked) reading.request = requestAt(request, path)
    if (scope.level(path) === 'none') throw refusal(scope, path)
    if (!request.plain && asksForPast(request.query)) return past(reading)
    const chosen = request.plain ? undefined : chooseView(request.query)
    return chosen || parts.settings.render.spa ? answerAs(reading, chosen) : answer(reading, undefined)
  }
}

let loading: ReturnType<typeof loadElsewhere> | undefined

const loadElsewhere = () => import('./read-backend.ts')

/** What serves backends is loaded when the first one is asked for. Kept, as finding it again would cost each request. */
async function elsewhere(reading: Reading): Promise<Response> {
  loading ??= loadElsewhere()
  const { readBackend } = await loading
  return readBackend(reading)
}

/** What a file was, when it has to be told at all. */
async function past(reading: Reading): Promise<Response> {
  const { readPast } = await import('./read-past.ts')
  return readPast(reading)
}

/** With a view that has to be loaded first, or with a page of the application standing in for what is missing. */
async function answerAs(reading: Reading, chosen: SelectableView | undefined): Promise<Response> {
  const { request, parts } = reading
  const view = await chosen?.load()
  if (view) checkFeature(parts.settings, request.path, view)
  try {
    return await answer(reading, view)
  } catch (error) {
    if (view?.respondMissing && StorageError.is(error, 'NotFound')) {
      return view.respondMissing({ ...parts, request, scope: reading.scope })
    }
    const page = applicationPage(parts.settings, request, view, error)
    if (page === undefined) throw error
    return answer({ ...reading, request: requestAt(request, page) }, undefined)
  }
}

function answer(reading: Reading, view: View | undefined): Response | Promise<Response> {
  const { request, storage, local } = reading
  if (local) return show(reading, view, local.stat(request.path))
  return storage.stat(request.path, request).then((entry) => show(reading, view, entry))
}

export function show(reading: Reading, view: View | undefined, entry: Entry): Response | Promise<Response> {
  const { request, scope, storage, local, backend, handOff, parts } = reading
  const { settings, services, reply } = parts
  // Once more, because the page of an application may have taken the place of what was asked for.
  const level = scope.level(request.path)
  if (level === 'none' || (level === 'index' && entry.kind === 'file')) throw refusal(scope, request.path)
  const source = currentSource(storage, local, request.path, entry, backend)
  const revisions = backend === undefined ? parts.journal?.queries : undefined
  const context: ViewContext = { request, source, storage, local, scope, settings, services, reply, revisions, handOff }
  if (!view) return showAsIs(context)
  checkTakes(view, entry)
  return view.respond(context)
}

function servedPath({ onlyFile }: ReadingParts, path: StoragePath): StoragePath {
  if (onlyFile === undefined || path === onlyFile) return path
  if (path === '') return onlyFile
  throw new StorageError('NotFound', `File or directory not found: /${path}`, { path })
}

export function checkFeature({ allow }: Settings, path: StoragePath, { name, feature }: View): void {
  if (!feature || allow[feature]) return
  const message = `Parameter '${name}' is switched off; the server must be started with --allow-${feature}.`
  throw new StorageError('AccessDenied', message, { path })
}

/** A file is its bytes, a folder its listing, which is loaded when the first folder is looked at. */
function showAsIs(context: ViewContext): Response | Promise<Response> {
  if (context.source.entry.kind === 'file') return raw(context)
  return import('../views/listing.ts').then(({ listing }) => listing.respond(context))
}
