import { type StorageDriver, StorageError, type StoragePath } from '@filegate/core'
import type { Scope } from '../access/scope.ts'
import { problem } from '../http/problem.ts'
import type { Query } from '../http/query.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Surface } from '../views/view.ts'
import { busy } from './busy.ts'
import type { Release } from './path-locks.ts'
import { checkAllowed, checkRight } from './permission.ts'
import type { CallersFolder, ServedFolder } from './served-folder.ts'
import { type Operation, type Place, served, type Writing, type WritingParts } from './writing.ts'

export interface PerformingParts extends WritingParts {
  /** Absent where nothing of it may be changed. */
  readonly folder?: ServedFolder | undefined
  /** The only file there is, when a single file is served. */
  readonly onlyFile?: StoragePath | undefined
}

/** What is asked for, and where. */
export interface Asked {
  readonly incoming: Incoming
  readonly query: Query
  readonly surface: Surface
  /** What stands in front of the path in a URL. */
  readonly base: string
  readonly backend: string
  readonly path: StoragePath
  readonly trailingSlash: boolean
}

/** Does what was asked for, once it is certain that the caller may, and that nobody else is at it. */
export async function perform(
  parts: PerformingParts,
  caller: Scope,
  operation: Operation,
  asked: Asked,
): Promise<Response> {
  const { folder, settings } = parts
  const placeAt = placesFor(parts, caller)
  const here = asked.backend === served ? folder?.forCaller(caller) : undefined
  const place = placeAt(asked.backend, asked.path, operation.follows ?? operation.right === 'write')
  checkRight(place, operation.right)
  for (const feature of operation.features) checkAllowed(settings, feature)
  const writing = new HoldingWriting(parts, caller, asked, { place, placeAt, here })
  try {
    if (operation.right !== 'read-all') {
      await writing.hold(place, operation.holdsWhole ?? operation.right === 'write-all')
    }
    return await operation.run(writing)
  } finally {
    writing.release()
  }
}

interface Standpoint {
  readonly place: Place
  readonly placeAt: Writing['placeAt']
  readonly here: CallersFolder | undefined
}

/** A class for its getter: a small upload is over before anybody could go away, and a signal costs more than all of this. */
class HoldingWriting implements Writing {
  readonly parts: PerformingParts
  readonly incoming: Incoming
  readonly query: Query
  readonly surface: Surface
  readonly base: string
  readonly trailingSlash: boolean
  readonly place: Place
  readonly placeAt: Writing['placeAt']
  readonly changes: Writing['changes']
  readonly trash: Writing['trash']
  readonly #caller: Scope
  readonly #releases: Release[] = []

  constructor(parts: PerformingParts, caller: Scope, asked: Asked, { place, placeAt, here }: Standpoint) {
    this.parts = parts
    this.incoming = asked.incoming
    this.query = asked.query
    this.surface = asked.surface
    this.base = asked.base
    this.trailingSlash = asked.trailingSlash
    this.place = place
    this.placeAt = placeAt
    this.changes = here?.changes
    this.trash = here?.trash
    this.#caller = caller
  }

  get signal(): AbortSignal {
    return this.incoming.request.signal
  }

  open(backend: string): Promise<StorageDriver> {
    return open(this.parts, this.#caller, backend)
  }

  async hold({ real, path }: Place, whole: boolean): Promise<void> {
    const { folder } = this.parts
    if (!real || !folder) return
    const release = await folder.locks.hold([{ path: real.path, whole }])
    if (!release) throw busy(this.surface, path)
    this.#releases.push(release)
  }

  release(): void {
    for (const release of this.#releases) release()
  }
}

function placesFor({ folder, onlyFile }: PerformingParts, caller: Scope): Writing['placeAt'] {
  return (backend, path, follows): Place => {
    if (backend !== served) return { backend, path, scope: caller.onBackend(backend) }
    if (onlyFile !== undefined && path !== onlyFile) {
      throw new StorageError('NotFound', `A single file is served here, and this is not its name: /${path}`, { path })
    }
    const real = folder && { path: folder.realPlaceOf(path, follows), rights: folder.rightsOf(caller) }
    return { backend, path, scope: caller, real }
  }
}

async function open({ folder, backends }: PerformingParts, caller: Scope, backend: string): Promise<StorageDriver> {
  if (backend === served) {
    if (folder) return folder.forCaller(caller).storage
    throw new StorageError('Unsupported', 'The served folder cannot be changed.')
  }
  if (backends) return (await backends.open(backend)).storage
  const message = 'Other backends are switched off; the server must be started with --allow-remote.'
  throw problem('AccessDenied', { code: 'REMOTE_DISABLED' }, message)
}
