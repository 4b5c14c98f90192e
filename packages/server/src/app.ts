import { pulledBody, StorageError } from '@filegate/core'
import { Hono, type HonoRequest, type Next } from 'hono'
import type { Scope } from './access/scope.ts'
import type { Backends } from './backends/backends.ts'
import { type ErrorPlace, errorResponse, jsonType } from './errors.ts'
import { preflight } from './http/preflight.ts'
import { publicUrlOf } from './http/public-url.ts'
import { Query } from './http/query.ts'
import { type Incoming, pathOfTarget, searchOfTarget } from './http/read-request.ts'
import { rememberCaller } from './log/caller.ts'
import { assetSegment } from './pages/assets.ts'
import { type BuildFacts, health } from './routes/health.ts'
import { serveAsset } from './routes/assets.ts'
import { management } from './routes/management.ts'
import { methodsAt } from './routes/methods.ts'
import { createReader, type ReadingParts } from './routes/read.ts'
import type * as writeServedModule from './routes/write-served.ts'
import type { AnswerUploads } from './routes/uploads.ts'
import type { Trash } from './trash/trash.ts'
import { Delivery } from './transport/deliver.ts'
import type { Bindings } from './transport/listener.ts'
import { arrivedBytes, messageChunks } from './transport/message-chunks.ts'
import type { Surface } from './views/view.ts'
import type { PerformingParts } from './writing/perform.ts'
import { davMethods, writeMethods } from './writing/writing.ts'

export interface AppParts extends ReadingParts, Pick<PerformingParts, 'folder'> {
  /** The backends, where they may be managed. */
  readonly managed?: Backends | undefined
  /** Absent where what is deleted is gone. */
  readonly trash?: Trash | undefined
  readonly build: BuildFacts
  /** Who is asking. Synchronous whenever it can be. */
  readonly identify: (header: Incoming['header'], remoteAddress: string | undefined) => Scope | Promise<Scope>
  /** Told what went wrong where the client is told only that something did. */
  readonly report: (error: unknown) => void
}

type Env = { Bindings: Partial<Bindings> }

const basicMethods = ['PUT', 'PATCH', 'DELETE', ...davMethods] as const

/** The table of contents of the server. A path that no API route takes is a file. */
export function createApp(parts: AppParts): Hono<Env> {
  const { settings, reply } = parts
  const prefix = settings.pathPrefix
  const read = createReader(parts)
  const failed = (error: unknown, incoming?: Incoming): Response =>
    errorResponse(error, reply, parts.report, incoming && placeOf(parts, incoming))

  const asCaller = answeringCallers(parts, failed)
  const readOn = (surface: Surface, base: string) => (context: { req: { raw: Request }; env: Env['Bindings'] }) => {
    const delivery = new Delivery()
    if (context.env) context.env.delivery = delivery
    return asCaller(context.req.raw, context.env, (incoming, scope) =>
      read(incoming, surface, base, scope, delivery.handOff),
    )
  }

  // Routed by the path as it was sent, which is also the one that is read: a resolved `..` would make them two.
  const app = new Hono<Env>({
    getPath: (request, options) => pathOfTarget(options?.env?.incoming?.url ?? request.url),
  })
  app.get(`${prefix}/api/v1/files/health`, (context) =>
    asCaller(context.req.raw, context.env, (incoming, scope) =>
      health(parts, incoming, context.env?.incoming?.socket.remoteAddress ?? null, scope),
    ),
  )
  const api = `${prefix}/api/v1`
  for (const { method, path, answer } of management) {
    app.on(method, `${api}${path}`, ({ req, env }) =>
      asCaller(req.raw, env, (incoming, scope) =>
        answer({ ...parts, incoming, scope, backends: parts.managed }, req.param('name') ?? ''),
      ),
    )
  }
  const answerUploads = uploading(parts, asCaller)
  app.all(`${api}/uploads`, answerUploads)
  app.all(`${api}/uploads/:id`, answerUploads)
  const files = `${api}/files`
  app.get(`${files}/*`, readOn('v1', files))
  const writeOn = writing(parts, asCaller)
  app.on([...writeMethods], `${files}/*`, writeOn('v1', files))
  app.get(`${prefix}/${assetSegment}/*`, ({ req }) => serveAsset(parts.services.assets, req.path, req.method, reply))
  app.get(`${prefix}/*`, readOn('basic', prefix))
  app.on([...basicMethods], `${prefix}/*`, (context, next) =>
    context.req.path.startsWith(`${api}/`) ? next() : writeOn('basic', prefix)(context, next),
  )
  app.options('*', ({ req }) =>
    reply(204, { allow: methodsAt(parts, api, req), ...(settings.cors && preflight) }, null),
  )
  app.notFound((context) => {
    const { method, path } = context.req
    const isHere = `${path}/`.startsWith(`${prefix}/`)
    if (method === 'GET' || method === 'HEAD' || !isHere)
      return failed(new StorageError('NotFound', `File or directory not found: ${path}`))
    const allow = methodsAt(parts, api, context.req)
    const error = `The method ${method} is not supported here, only ${allow}.`
    const headers = { allow, 'content-type': jsonType, 'cache-control': 'no-store' }
    return reply(405, headers, JSON.stringify({ success: false, error, code: 'METHOD_NOT_ALLOWED' }))
  })
  app.onError((error) => failed(error))
  return app
}

function placeOf(parts: AppParts, incoming: Incoming): ErrorPlace {
  const { settings } = parts
  return {
    urlOf: publicUrlOf(settings, incoming),
    methods() {
      const query = new Query(searchOfTarget(incoming.target))
      const path = pathOfTarget(incoming.target)
      return methodsAt(parts, `${settings.pathPrefix}/api/v1`, { path, query: (name) => query.text(name) })
    },
  }
}

type AsCaller = ReturnType<typeof answeringCallers>

/** What changes something is loaded when the first of it is asked for. */
function writing(parts: AppParts, asCaller: AsCaller) {
  let writers: Promise<typeof writeServedModule> | undefined
  return (surface: Surface, base: string) =>
    ({ req, env }: { req: HonoRequest; env: Env['Bindings'] }, next: Next) => {
      const isElsewhere = surface === 'v1' && req.query('backend') !== undefined
      if (!parts.folder && !isElsewhere) return next()
      return asCaller(req.raw, env, async (incoming, scope) => {
        if (isElsewhere) {
          const { writeBackend } = await import('./routes/write-backend.ts')
          return writeBackend(parts, incoming, base, scope)
        }
        // Kept, because asking for a module that is loaded still takes a fair part of what storing a small file does.
        writers ??= import('./routes/write-served.ts')
        return (await writers).writeServed(parts, incoming, { surface, base }, scope)
      })
    }
}

/** Resumable uploads, loaded when the first request for one comes. */
function uploading(parts: AppParts, asCaller: AsCaller) {
  let uploads: Promise<AnswerUploads> | undefined
  return ({ req, env }: { req: HonoRequest; env: Env['Bindings'] }) =>
    asCaller(req.raw, env, async (incoming, scope) => {
      uploads ??= import('./routes/uploads.ts').then(({ createUploads }) => createUploads(parts))
      return (await uploads)(incoming, scope, req.param('id'))
    })
}

/** Runs `answer` for the caller, and turns whatever it throws into an answer too. */
function answeringCallers(
  { identify }: Pick<AppParts, 'identify'>,
  failed: (error: unknown, incoming: Incoming) => Response,
) {
  return (
    request: Request,
    bindings: Partial<Bindings> | undefined,
    answer: (incoming: Incoming, scope: Scope) => Response | Promise<Response>,
  ): Response | Promise<Response> => {
    const incoming = incomingOf(request, bindings)
    const answerTo = (scope: Scope): Response | Promise<Response> => {
      if (scope.user !== null && bindings?.incoming) rememberCaller(bindings.incoming, scope.user)
      return answer(incoming, scope)
    }
    try {
      const scope = identify(incoming.header, bindings?.incoming?.socket.remoteAddress)
      const response = scope instanceof Promise ? scope.then(answerTo) : answerTo(scope)
      return response instanceof Promise ? response.catch((error: unknown) => failed(error, incoming)) : response
    } catch (error) {
      return failed(error, incoming)
    }
  }
}

/** Headers come from Node's own table where there is one: the lookup in a `Headers` object costs ten times as much. */
function incomingOf(request: Request, bindings: Partial<Bindings> | undefined): Incoming {
  const message = bindings?.incoming
  if (!message) {
    return {
      request,
      target: request.url,
      header: (name) => request.headers.get(name) ?? undefined,
      hasBody: request.body !== null,
      body: () => request.body,
    }
  }
  const { headers } = message
  return {
    request,
    target: message.url ?? '/',
    header: (name) => {
      const value = headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
    body: () => pulledBody(messageChunks(message)),
    arrived: (size) => arrivedBytes(message, size),
  }
}
