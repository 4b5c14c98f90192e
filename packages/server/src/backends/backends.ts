import type { StorageDriver } from '@filegate/core'
import type { BackendFacts } from './backend-facts.ts'
import type { Registry } from './registry.ts'

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
  /** @throws StorageError `InvalidArgument` naming every problem, or saying why the connection failed; nothing is stored then */
  connect(request: ConnectRequest): Promise<BackendFacts>
  /** Connects once more, apart from the connection that is in use. */
  test(id: string, signal?: AbortSignal): Promise<TestOutcome>
  /**
   * Replaces credentials; null takes one away. The new ones are tried first, unless nothing changes.
   * @throws StorageError with status 502 when they do not work; the old ones stay then
   */
  rotate(id: string, changes: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<'changed' | 'unchanged'>
  /** What is being read meanwhile may finish. */
  remove(id: string): Promise<void>
  close(): Promise<void>
}
