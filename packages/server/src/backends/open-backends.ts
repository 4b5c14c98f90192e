import type { StorageDriver } from '@filegate/core'
import { backendNotFound } from './backend-errors.ts'
import { createDepartures } from './departures.ts'
import type { LiveDriver } from './live-driver.ts'

interface Opened {
  /** Of the row that it was opened from. */
  revision: number
  readonly provider: string
  readonly live: Promise<LiveDriver>
}

/** A backend as it was found in the database, and how to connect it. */
export interface Openable {
  readonly revision: number
  readonly provider: string
  readonly connect: () => Promise<LiveDriver>
}

/** The connections of this process, one a backend. */
export interface OpenBackends {
  /** `find` is asked for the row only when there is no connection at `revision` yet. */
  open(
    id: string,
    revision: number | undefined,
    find: () => Promise<Openable>,
  ): Promise<{ readonly provider: string; readonly storage: StorageDriver }>
  /** Puts a connection in place, and retires the one that was there. */
  put(id: string, provider: string, revision: number, live: LiveDriver): void
  /** The row changed in a way that the connection knows of already. */
  moved(id: string, from: number, to: number): void
  forget(id: string): void
  /** Forgets what is not at the revision that stands in the database. */
  keepOnly(revisions: ReadonlyMap<string, number>): void
  close(): Promise<void>
}

export function createOpenBackends(): OpenBackends {
  const connections = createConnections()
  const finding = new Map<string, Promise<Opened>>()

  async function start(id: string, find: () => Promise<Openable>): Promise<Opened> {
    const { revision, provider, connect } = await find()
    return connections.put(id, { revision, provider, live: connect() })
  }
  /** Of those who find no connection at the same time, the first starts one for all. */
  function started(id: string, find: () => Promise<Openable>): Promise<Opened> {
    const same = finding.get(id)
    if (same) return same
    const starting = start(id, find).finally(() => finding.delete(id))
    finding.set(id, starting)
    return starting
  }
  return {
    async open(id, revision, find) {
      if (revision === undefined) {
        connections.forget(id)
        throw backendNotFound(id)
      }
      const known = connections.get(id)
      const { provider, live } = known?.revision === revision ? known : await started(id, find)
      return { provider, storage: (await live).storage }
    },
    put: (id, provider, revision, live) =>
      void connections.put(id, { provider, revision, live: Promise.resolve(live) }),
    moved(id, from, to) {
      const opened = connections.get(id)
      if (opened?.revision === from) opened.revision = to
    },
    forget: (id) => connections.forget(id),
    keepOnly(revisions) {
      for (const [id, { revision }] of connections.all()) if (revisions.get(id) !== revision) connections.forget(id)
    },
    close: () => connections.close(),
  }
}

/** Those in place, and the way out for those that are replaced. */
function createConnections() {
  const inPlace = new Map<string, Opened>()
  const departures = createDepartures()
  let isClosed = false

  function forget(id: string): void {
    const opened = inPlace.get(id)
    inPlace.delete(id)
    if (opened) departures.add(opened.live)
  }
  return {
    get: (id: string): Opened | undefined => inPlace.get(id),
    all: (): readonly (readonly [string, Opened])[] => [...inPlace],
    forget,
    put(id: string, opened: Opened): Opened {
      forget(id)
      inPlace.set(id, opened)
      // What failed is tried again by the next who asks.
      opened.live.catch(() => {
        if (inPlace.get(id) === opened) inPlace.delete(id)
      })
      if (isClosed) forget(id)
      return opened
    },
    async close(): Promise<void> {
      isClosed = true
      for (const id of inPlace.keys()) forget(id)
      await departures.close()
    },
  }
}
