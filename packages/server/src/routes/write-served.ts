import { parseUrlPath, StorageError } from '@filegate/core'
import type { Scope } from '../access/scope.ts'
import { emptyQuery, Query } from '../http/query.ts'
import { type Incoming, pathOfTarget, searchOfTarget } from '../http/read-request.ts'
import { problem } from '../http/problem.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import type { Surface } from '../views/view.ts'
import { chooseServed, operationInPath } from '../writing/choose-served.ts'
import { putFile } from '../writing/put-file.ts'
import { perform, type PerformingParts } from '../writing/perform.ts'
import { served } from '../writing/writing.ts'

/** Changes the served folder. Everything that can refuse a request does so before its body is touched. */
export async function writeServed(
  parts: PerformingParts,
  incoming: Incoming,
  { surface, base }: { readonly surface: Surface; readonly base: string },
  caller: Scope,
): Promise<Response> {
  checkSameOrigin(incoming)
  const { target, request } = incoming
  const urlPath = pathOfTarget(target)
  const search = searchOfTarget(target)
  const query = search === '' ? emptyQuery : new Query(search)
  if (query.has('backend')) {
    throw new StorageError('InvalidArgument', "Parameter 'backend' works below /api/v1/files/ only.")
  }
  const { method } = request
  const below = urlPath.slice(base.length)
  const named = surface === 'v1' ? operationInPath(method, below, query) : undefined
  const operation = named?.operation ?? chooseServed(surface, method, query, incoming.header)
  const path = parseUrlPath(named?.path ?? below)
  const trailingSlash = urlPath.endsWith('/')
  const asked = { incoming, query, surface, base, backend: served, path, trailingSlash }
  try {
    return await perform(parts, caller, operation, asked)
  } catch (error) {
    // As it is known on this surface.
    if (surface === 'v1' || operation !== putFile || !StorageError.is(error, 'IsADirectory')) throw error
    throw problem('IsADirectory', { status: 403, code: 'IS_A_DIRECTORY' }, error.message, { path })
  }
}
