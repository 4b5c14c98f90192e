import type { Readable, Writable } from 'node:stream'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What goes wrong with the bytes that come back. What is not named goes right. */
export interface Fault {
  /** Milliseconds before the first byte comes back. */
  readonly delay?: number
  /** Bytes a second. */
  readonly throttle?: number
  /** How many bytes come back before `ending`. Without it all do. */
  readonly after?: number
  /** `reset`: the connection is reset. `end`: it is closed in good order. `hang`: nothing comes any more. Default `reset`. */
  readonly ending?: 'reset' | 'end' | 'hang'
  /** Waited for before `ending`. Whoever has not read yet what came back may lose it with the connection. */
  readonly until?: Promise<unknown>
}

/** What happens to those who come: a row of faults, each for one of them, and what is done with all after these. */
export interface Plan<Planned> {
  readonly next: () => Planned
  /** One for each of the next who come. */
  readonly add: (...faults: readonly Planned[]) => void
  /** For everybody after those of `add`. */
  readonly always: (fault: Planned) => void
}

export function createPlan<Planned extends object>(nothing: Planned): Plan<Planned> {
  const row: Planned[] = []
  let rest = nothing
  return {
    next: () => row.shift() ?? rest,
    add: (...faults) => void row.push(...faults),
    always(fault) {
      rest = fault
    },
  }
}

const endings: Readonly<Record<NonNullable<Fault['ending']>, (socket: Socket) => unknown>> = {
  reset: (socket) => socket.resetAndDestroy(),
  end: (socket) => socket.end(),
  hang: () => undefined,
}

/**
 * Passes bytes on as the fault has it. Resolves with whether all of them went through. `target` is what is written to,
 * `socket` the connection below it. Nothing is left behind when `signal` is aborted.
 */
export async function passOn(
  source: Readable,
  target: Writable,
  socket: Socket,
  fault: Fault,
  signal: AbortSignal,
): Promise<boolean> {
  const { delay = 0, throttle, after = Number.POSITIVE_INFINITY, ending = 'reset', until } = fault
  if (delay > 0) await sleep(delay, undefined, { signal })
  let left = after
  if (left > 0) {
    for await (const chunk of chunksOf(source)) {
      const part = chunk.subarray(0, left)
      left -= part.length
      await written(target, part)
      if (throttle !== undefined) await sleep((part.length / throttle) * 1000, undefined, { signal })
      if (left === 0) break
    }
  }
  if (left > 0) return true
  await until
  endings[ending](socket)
  return false
}

async function* chunksOf(source: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of source) if (Buffer.isBuffer(chunk)) yield chunk
}

/** Only what has gone out counts as passed on: a reset drops what still waits. */
const written = (target: Writable, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => target.write(chunk, (error) => (error ? reject(error) : resolve())))
