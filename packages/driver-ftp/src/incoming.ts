import type { Socket } from 'node:net'

/** The bytes of a socket, taken out of it only as fast as they are asked for. */
export interface Incoming {
  /** `undefined` at the end. @throws what the connection, or `fail`, ended with */
  next(): Promise<Buffer | undefined>
  /** Makes whoever waits, or asks later, reject with this; the first such error stays. */
  fail(error: unknown): void
}

export function incoming(socket: Socket): Incoming {
  let isEnded = false
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => {}

  function fail(error: unknown): void {
    failure ??= { error }
    wake()
  }
  socket.on('readable', () => wake())
  socket.on('end', () => {
    isEnded = true
    wake()
  })
  socket.on('error', fail)
  socket.on('close', () => {
    if (!isEnded) fail(Object.assign(new Error('The data connection ended too soon.'), { code: 'ECONNRESET' }))
  })
  return {
    fail,
    async next() {
      for (;;) {
        if (failure) throw failure.error
        const chunk: unknown = socket.read()
        if (chunk instanceof Buffer) return chunk
        if (isEnded) return undefined
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
