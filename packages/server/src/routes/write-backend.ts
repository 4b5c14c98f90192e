import { canonicalPath, parseUrlPath, StorageError } from '@filegate/core'
import type { Scope } from '../access/scope.ts'
import { problem } from '../http/problem.ts'
import { Query } from '../http/query.ts'
import { type Incoming, pathOfTarget, searchOfTarget } from '../http/read-request.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import { chooseOperation } from '../writing/choose-operation.ts'
import { perform, type PerformingParts } from '../writing/perform.ts'
import { type WriteMethod, writeMethods } from '../writing/writing.ts'

/**
 * Answers PUT, POST, PATCH and DELETE with `backend=ID`. Everything that can refuse a request does so before its body is
 * touched, and before the backend is asked anything.
 */
export async function writeBackend(
  parts: PerformingParts,
  incoming: Incoming,
  base: string,
  caller: Scope,
): Promise<Response> {
  const { request, target } = incoming
  if (!parts.backends) {
    const message = "Parameter 'backend' is switched off; the server must be started with --allow-remote."
    throw problem('AccessDenied', { code: 'REMOTE_DISABLED' }, message)
  }
  checkSameOrigin(incoming)
  const urlPath = pathOfTarget(target)
  const path = canonicalPath(parseUrlPath(urlPath.slice(base.length)))
  const query = new Query(searchOfTarget(target))
  const backend = query.text('backend') ?? ''
  const operation = chooseOperation(methodOf(request), query)
  return perform(parts, caller, operation, {
    incoming,
    query,
    surface: 'v1',
    base,
    backend,
    path,
    trailingSlash: urlPath.endsWith('/'),
  })
}

function methodOf({ method }: Request): WriteMethod {
  const known = writeMethods.find((name) => name === method)
  if (known) return known
  throw new StorageError('Unsupported', `The method ${method} changes nothing here.`)
}
