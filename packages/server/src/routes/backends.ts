import { authorizePath } from '../backends/backend-errors.ts'
import type { BackendFacts } from '../backends/backend-facts.ts'
import { connectedMessage } from '../backends/registry.ts'
import { readJsonObject } from '../http/json-body.ts'
import { publicUrlOf } from '../http/public-url.ts'
import { type Administration, administered, json } from './administration.ts'

/** Bytes of a body: a connection may carry a service account and a private key. */
const mostOptions = 64 * 1024
const mostCredentials = 16 * 1024

/** Backends are not mounted anywhere; the member is part of the documented answers. */
const mountPaths: readonly string[] = []

/** POST /api/v1/backends/{provider} */
export async function connectBackend(request: Administration, provider: string): Promise<Response> {
  const backends = administered(request, 'change')
  const definition = await backends.registry.load(provider)
  const options = await readJsonObject(request.incoming, mostOptions)
  const { signal } = request.incoming.request
  const facts = await backends.connect({ provider, options, owner: request.scope.user, signal })
  const { id, backendType, type } = facts
  const data = { id, backend_type: backendType, type, mount_paths: mountPaths, ...waiting(request, facts) }
  return json(request.reply, 201, { success: true, message: connectedMessage(definition), data })
}

/** GET /api/v1/backends */
export async function listBackends(request: Administration): Promise<Response> {
  const all = await administered(request, 'look').list()
  return json(request.reply, 200, { backends: all.map((facts) => shown(request, facts)), count: all.length })
}

/** GET /api/v1/backends/{id} */
export async function showBackend(request: Administration, id: string): Promise<Response> {
  return json(request.reply, 200, shown(request, await administered(request, 'look').find(id)))
}

/** GET /api/v1/backends/{id}/test. That the backend does not answer is an answer of ours. */
export async function testBackend(request: Administration, id: string): Promise<Response> {
  const { signal } = request.incoming.request
  const { connected, message } = await administered(request, 'look').test(id, signal)
  const status = connected ? 'connected' : 'disconnected'
  return json(request.reply, 200, { success: connected, id, status, message })
}

/** PUT /api/v1/backends/{id} */
export async function rotateBackend(request: Administration, id: string): Promise<Response> {
  const backends = administered(request, 'change')
  const changes = await readJsonObject(request.incoming, mostCredentials)
  const outcome = await backends.rotate(id, changes, request.incoming.request.signal)
  const message = outcome === 'changed' ? 'Credentials updated successfully' : 'These are the credentials already'
  return json(request.reply, 200, { success: true, message })
}

/** DELETE /api/v1/backends/{id} */
export async function removeBackend(request: Administration, id: string): Promise<Response> {
  await administered(request, 'change').remove(id)
  return request.reply(204, { 'cache-control': 'no-store' }, null)
}

/** What a user has to do before it can be read, if anything. */
function waiting({ settings, incoming }: Administration, { id, status }: BackendFacts): object {
  return status === 'connected' ? {} : { status, authorize_url: publicUrlOf(settings, incoming)(authorizePath(id)) }
}

/** Times are as in RFC 3339. */
function shown(request: Administration, facts: BackendFacts): object {
  const { id, backendType, type, title, description, server, user, status, problem, createdAt, lastUsed } = facts
  return {
    id,
    backend_type: backendType,
    type,
    title,
    description,
    server,
    user,
    connected: status === 'connected' && problem === null,
    status,
    mount_paths: mountPaths,
    created_at: new Date(createdAt).toISOString(),
    last_used: lastUsed === null ? null : new Date(lastUsed).toISOString(),
    ...waiting(request, facts),
    ...(problem !== null && { problem }),
  }
}
