import { around, StorageError, type StorageDriver, wrappedBody } from '@filegate/core'

/** A driver that is in use, together with what has to be released with it. */
export interface LiveDriver {
  readonly storage: StorageDriver
  /** Releases everything once nothing is under way any more. Resolves then. */
  retire(): Promise<void>
  /** Releases everything now. */
  close(): Promise<void>
}

export interface LiveDriverParts {
  readonly driver: StorageDriver
  /** What is left to release when the driver is closed. */
  readonly release: () => Promise<void>
  /** An error as callers may see it. */
  readonly shown: (error: StorageError) => Promise<StorageError>
  /** Told of what goes wrong where nobody waits for it. */
  readonly report: (error: unknown) => void
}

/** Counts what is under way, bodies until their end, so that a connection that is no longer wanted ends after its last use. */
export function liveDriver({ driver, release, shown, report }: LiveDriverParts): LiveDriver {
  const released = once(async () => {
    for (const step of [() => driver.close?.(), release]) {
      try {
        await step()
      } catch (error) {
        report(error)
      }
    }
  })
  const uses = createUses()
  const asShown = async (error: unknown): Promise<unknown> => (StorageError.is(error) ? shown(error) : error)
  const outer = around(driver, async (_call, proceed) => {
    const end = uses.begin()
    try {
      return await proceed()
    } catch (error) {
      throw await asShown(error)
    } finally {
      end()
    }
  })
  const storage: StorageDriver = {
    ...outer,
    async read(path, options) {
      const end = uses.begin()
      try {
        const result = await driver.read(path, options)
        return { ...result, body: countedBody(result.body, end, asShown) }
      } catch (error) {
        end()
        throw await asShown(error)
      }
    },
    // It is shared: whoever uses it does not decide on its end.
    close: async () => {},
  }
  return { storage, close: released, retire: () => Promise.race([uses.over(), released.started]).then(released) }
}

/** Runs `work` when it is first called. `started` resolves then. */
function once(work: () => Promise<void>): (() => Promise<void>) & { readonly started: Promise<void> } {
  const { promise: started, resolve } = Promise.withResolvers<void>()
  let running: Promise<void> | undefined
  const run = (): Promise<void> => {
    resolve()
    return (running ??= work())
  }
  return Object.assign(run, { started })
}

/** How many uses are under way. */
function createUses() {
  const idle = Promise.withResolvers<void>()
  let underWay = 0
  let isLast = false
  return {
    /** Gives the function that ends the use; only its first call counts. */
    begin(): () => void {
      let isOver = false
      underWay += 1
      return () => {
        if (isOver) return
        isOver = true
        underWay -= 1
        if (isLast && underWay === 0) idle.resolve()
      }
    },
    /** Resolves once no use is under way. */
    over(): Promise<void> {
      isLast = true
      if (underWay === 0) idle.resolve()
      return idle.promise
    },
  }
}

function countedBody(
  body: ReadableStream<Uint8Array>,
  end: () => void,
  asShown: (error: unknown) => Promise<unknown>,
): ReadableStream<Uint8Array> {
  return wrappedBody(body, (chunks) => ({
    async next() {
      try {
        const chunk = await chunks.next()
        if (!chunk) end()
        return chunk
      } catch (error) {
        end()
        throw await asShown(error)
      }
    },
    async cancel(reason) {
      try {
        await chunks.cancel(reason)
      } finally {
        end()
      }
    },
  }))
}
