import { canonicalPath, type StorageDriver, StorageError } from '@filegate/core'
import { refusal, restricted } from '../access/restricted.ts'
import { requestAt } from '../render/request-at.ts'
import { asksForPast, checkTakes, chooseView } from '../views/choose.ts'
import { rawElsewhere } from '../views/raw-elsewhere.ts'
import type { ReadRequest } from '../views/view.ts'
import { backendPast } from './backend-past.ts'
import { checkFeature, type Reading, show } from './read.ts'
import { answerPast } from './read-past.ts'

/**
 * Answers a request with `backend=ID`: the same views, on a storage where every question costs a request. The path is put
 * into its one spelling first, because rights are decided on it.
 */
export async function readBackend(reading: Reading): Promise<Response> {
  const { parts, request } = reading
  const id = request.query.text('backend') ?? ''
  if (!parts.backends) {
    const message = "Parameter 'backend' is switched off; the server must be started with --allow-remote."
    throw new StorageError('AccessDenied', message)
  }
  if (request.surface === 'basic') {
    const message = "Parameter 'backend' works below /api/v1/files/ only."
    throw new StorageError('InvalidArgument', message)
  }
  const scope = reading.scope.onBackend(id)
  const path = canonicalPath(request.path)
  if (scope.level(path) === 'none') throw refusal(scope, path)
  const isPast = asksForPast(request.query)
  const view = isPast ? undefined : await chooseView(request.query)?.load()
  if (view) checkFeature(parts.settings, path, view)
  const opened = await parts.backends.open(id)
  const storage = restricted(bypassesCache(request) ? afresh(opened.storage) : opened.storage, scope)
  const here: Reading = {
    ...reading,
    request: requestAt(request, path),
    scope,
    storage,
    local: undefined,
    backend: id,
  }
  if (isPast) {
    const { signal } = request
    return answerPast(here, () => backendPast({ storage, backend: id, path, signal }))
  }
  if (!view && path !== '' && !request.trailingSlash) {
    const response = await rawElsewhere({ ...parts, request: here.request, storage })
    if (response) return response
  }
  const entry = await storage.stat(path, { signal: request.signal })
  if (view) checkTakes(view, entry)
  return show(here, view, entry)
}

function bypassesCache(request: ReadRequest): boolean {
  return /(?:^|,)\s*no-(?:cache|store)\s*(?:,|$)/i.test(request.header('cache-control') ?? '')
}

/** The same storage, asked anew whatever is remembered. */
function afresh(driver: StorageDriver): StorageDriver {
  const walk = driver.walk?.bind(driver)
  return {
    ...driver,
    stat: (path, options) => driver.stat(path, { ...options, fresh: true }),
    list: (path, options) => driver.list(path, { ...options, fresh: true }),
    read: (path, options) => driver.read(path, options),
    ...(walk && { walk: (path, options) => walk(path, { ...options, fresh: true }) }),
  }
}
