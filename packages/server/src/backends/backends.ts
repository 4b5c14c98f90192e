import { type StorageDriver, StorageError } from '@filegate/core'
import { problem } from '../http/problem.ts'
import type { Settings } from '../settings.ts'
import { secretKey } from '../state/secret-key.ts'
import type { Arrival, AuthorizationRequest, Destination, StartedAuthorization } from '../oauth/authorization.ts'
import type { BackendFacts } from './backend-facts.ts'
import { createRegistry, type LoadDefinition, type Registry } from './registry.ts'

/** A backend that can be used now. */
export interface OpenBackend {
  readonly id: string
  /** Its slug, as in the path of the connect endpoint. */
  readonly provider: string
  /** With all layers on. Do not close it: it is shared, and closed when the backend is removed, rotated or the server ends. */
  readonly storage: StorageDriver
}

export interface ConnectRequest {
  readonly provider: string
  /** As the caller wrote them. */
  readonly options: Readonly<Record<string, unknown>>
  readonly owner: string | null
  readonly signal?: AbortSignal | undefined
}

export interface TestOutcome {
  readonly connected: boolean
  /** In words for a person. Holds no secret. */
  readonly message: string
}

/** The connected backends: stored, sealed, and connected anew when they are first asked for. */
export interface Backends {
  readonly registry: Registry
  /**
   * Connects when that was not done yet; callers at the same time share one attempt. A change that another process made is
   * noticed here.
   * @throws StorageError `NotFound` (BACKEND_NOT_FOUND) for an unknown identifier; `Unavailable` when the stored secrets do not
   * open with our key; otherwise what connecting ends in
   */
  open(id: string): Promise<OpenBackend>
  list(): Promise<readonly BackendFacts[]>
  /** @throws StorageError `NotFound` (BACKEND_NOT_FOUND) */
  find(id: string): Promise<BackendFacts>
  /**
   * Where a user has to allow access first, the backend is stored with the status `pending`.
   * @throws StorageError `InvalidArgument` naming every problem, or saying why the connection failed; nothing is stored then
   */
  connect(request: ConnectRequest): Promise<BackendFacts>
  /** Connects once more, apart from the connection that is in use. */
  test(id: string, signal?: AbortSignal): Promise<TestOutcome>
  /**
   * Replaces credentials; null takes one away. The new ones are tried first, unless nothing changes.
   * @throws StorageError with status 502 when they do not work; the old ones stay then
   */
  rotate(id: string, changes: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<'changed' | 'unchanged'>
  /**
   * Where a user would be sent to allow it access.
   * @throws StorageError when nobody is needed, or it is not known where
   */
  destination(id: string): Promise<Destination>
  /** Sends a user to the vendor, to allow a backend access. */
  startAuthorization(id: string, request: AuthorizationRequest): Promise<StartedAuthorization>
  /**
   * Takes what the user brings back, proves that it works and goes on with it.
   * @throws StorageError saying why not; the backend stays as it was then
   */
  finishAuthorization(arrival: Arrival): Promise<BackendFacts>
  /** What is being read meanwhile may finish. */
  remove(id: string): Promise<void>
  close(): Promise<void>
}

export interface BackendsParts {
  readonly settings: Pick<
    Settings,
    | 'dataDirectory'
    | 'databaseUrl'
    | 'listen'
    | 'privateNetwork'
    | 'credentialsDirectory'
    | 'oauthClients'
    | 'workers'
    | 'proxy'
  >
  /** The text of FILEGATE_SECRET_KEY. */
  readonly secretKeyText?: string | undefined
  /** Tells the operator something. */
  readonly say: (message: string) => void
  /** In place of the providers there are; for tests. */
  readonly providers?: Readonly<Record<string, LoadDefinition>> | undefined
  /** Milliseconds until a connection that hangs is given up. Default 20,000. */
  readonly patience?: number | undefined
}

/**
 * Nothing is opened or loaded before the first use: neither the database nor the drivers nor what they need.
 * @throws StorageError `InvalidArgument` when there is no data folder, or the secret key is no good
 */
export function createBackends(parts: BackendsParts): Backends {
  const { dataDirectory } = parts.settings
  if (dataDirectory === undefined) {
    throw new StorageError('InvalidArgument', 'Backends are kept in the data folder; choose one with --data-dir.')
  }
  if (parts.secretKeyText) checkKey(dataDirectory, parts.secretKeyText)
  const registry = createRegistry(parts.providers)
  let starting: Promise<StartedBackends> | undefined
  let isClosed = false
  const started = (): Promise<StartedBackends> => {
    if (isClosed) return Promise.reject(new StorageError('Unavailable', 'The server is ending.'))
    const attempt = (starting ??= start(parts, dataDirectory, registry))
    // A database that could not be opened is tried again by the next who asks.
    attempt.catch(() => (starting = undefined))
    return attempt
  }
  return {
    registry,
    open: async (id) => (await started()).open(id),
    list: async () => (await started()).list(),
    find: async (id) => (await started()).find(id),
    connect: async (request) => (await started()).connect(request),
    test: async (id, signal) => (await started()).test(id, signal),
    rotate: async (id, changes, signal) => (await started()).rotate(id, changes, signal),
    destination: async (id) => (await started()).destination(id),
    startAuthorization: async (id, request) => (await started()).startAuthorization(id, request),
    finishAuthorization: async (arrival) => (await started()).finishAuthorization(arrival),
    remove: async (id) => (await started()).remove(id),
    async close() {
      isClosed = true
      await starting?.then(
        (all) => all.close(),
        () => {},
      )
    },
  }
}

type StartedBackends = Omit<Backends, 'registry'>

async function start(parts: BackendsParts, dataDirectory: string, registry: Registry): Promise<StartedBackends> {
  const { startBackends } = await import('./start-backends.ts')
  try {
    return await startBackends({ ...parts, dataDirectory, registry })
  } catch (error) {
    parts.say(`the backends cannot be used: ${error instanceof Error ? error.message : String(error)}`)
    const message = 'The backends cannot be used; the log of the server says why.'
    throw problem('Unavailable', { code: 'STATE_UNAVAILABLE' }, message, { cause: error })
  }
}

/** A key that is given is looked at when the server starts: then somebody reads what is wrong with it. */
function checkKey(dataDirectory: string, text: string): void {
  try {
    secretKey(dataDirectory, text)
  } catch (cause) {
    throw new StorageError('InvalidArgument', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
