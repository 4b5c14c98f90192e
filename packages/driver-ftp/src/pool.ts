import { StorageError, throwIfAborted } from '@filegate/core'
import { isRefusal } from './control.ts'
import { createPlaces } from './places.ts'
import { openSession, type Session, type Surroundings } from './session.ts'

/** A session that belongs to one user until it is given back. */
export interface Lease {
  readonly session: Session
  /** Gives it back; one that is not usable any more is closed. Later calls do nothing. */
  release(): void
  /** Closes it, whatever is under way. Later calls do nothing. */
  destroy(): void
}

export interface Pool {
  take(signal?: AbortSignal): Promise<Lease>
  /**
   * Runs work that is over when it resolves. Aborting the signal closes the connection under it.
   * @param holds whether the one who asks may have taken a session already
   */
  use<Result>(work: (session: Session) => Promise<Result>, signal?: AbortSignal, holds?: boolean): Promise<Result>
  close(): void
}

/** Connections that nobody uses, the latest used ones first. After a quiet time they are closed. */
class IdleSessions {
  readonly #sessions: Session[] = []
  readonly #quietTime: number
  #timer: NodeJS.Timeout | undefined

  constructor(quietTime: number) {
    this.#quietTime = quietTime
  }

  keep(session: Session): void {
    this.#sessions.push(session)
    clearTimeout(this.#timer)
    if (this.#quietTime > 0) this.#timer = setTimeout(() => this.closeAll(), this.#quietTime).unref()
  }

  take(): Session | undefined {
    for (let session = this.#sessions.pop(); session; session = this.#sessions.pop()) {
      if (session.isUsable) return session
      session.close()
    }
    return undefined
  }

  closeAll(): void {
    clearTimeout(this.#timer)
    for (const session of this.#sessions.splice(0)) session.close()
  }
}

export function createPool(surroundings: Surroundings): Pool {
  const { settings } = surroundings
  const places = createPlaces(settings.limit)
  const idle = new IdleSessions(settings.idleTime)
  const leases = new Set<Lease>()
  let isClosed = false

  function leaseOf(session: Session): Lease {
    const end = (after: () => void): void => {
      if (!leases.delete(lease)) return
      after()
      places.giveBack()
    }
    const keep = (): void => (session.isUsable && !isClosed ? idle.keep(session) : session.close())
    const lease: Lease = { session, release: () => end(keep), destroy: () => end(() => session.close()) }
    leases.add(lease)
    return lease
  }

  async function take(signal?: AbortSignal, holds?: boolean): Promise<Lease> {
    await places.take(signal, holds)
    try {
      if (isClosed) throw new StorageError('Aborted', 'The connection to the FTP server was closed.')
      const lease = leaseOf(idle.take() ?? (await openSession(surroundings, signal)))
      if (isClosed) lease.session.close()
      return lease
    } catch (error) {
      places.giveBack()
      throw error
    }
  }

  async function use<Result>(
    work: (session: Session) => Promise<Result>,
    signal?: AbortSignal,
    holds?: boolean,
  ): Promise<Result> {
    const lease = await take(signal, holds)
    const abort = (): void => lease.destroy()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      throwIfAborted(signal)
      return await work(lease.session)
    } catch (error) {
      // What broke one connection has broken those that were left alone, too.
      if (!isRefusal(error) && !signal?.aborted && lease.session.control.closed) idle.closeAll()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      lease.release()
    }
  }

  return {
    take,
    use,
    close() {
      isClosed = true
      for (const lease of leases) lease.destroy()
      idle.closeAll()
    },
  }
}
