import { connect, type Socket } from 'node:net'

/** Milliseconds from the request on. */
export interface Arrival {
  /** Until the first byte of the body was there. */
  readonly first: number
  /** Until the last one was. */
  readonly last: number
}

export interface RawClient {
  /** @param target path and query */
  get(target: string, range?: string): Promise<Arrival>
  close(): void
}

interface Asked {
  readonly start: number
  readonly resolve: (arrival: Arrival) => void
  readonly reject: (error: Error) => void
}

/** Bytes are received over one another: nobody looks at them. */
const scratch = Buffer.allocUnsafeSlow(256 * 1024)

/**
 * Reads files from one server over connections that are kept. It looks at nothing but the status and the length, so that it takes
 * a few microseconds a request and a tenth of a second a gigabyte, and what is measured is the server.
 */
export function rawClient(origin: string): RawClient {
  const url = new URL(origin)
  const idle: Connection[] = []
  return {
    get(target, range) {
      const connection = idle.pop() ?? openConnection(url, (free) => idle.push(free))
      return connection.ask(
        `GET ${target} HTTP/1.1\r\nHost: ${url.host}\r\n${range === undefined ? '' : `Range: ${range}\r\n`}\r\n`,
      )
    },
    close() {
      for (const { socket } of idle) socket.destroy()
    },
  }
}

interface Connection {
  readonly socket: Socket
  ask(request: string): Promise<Arrival>
}

function openConnection({ hostname, port }: URL, free: (connection: Connection) => void): Connection {
  let asked: Asked | undefined
  let head = ''
  /** Bytes of the body that are still to come; unknown while the head is. */
  let left: number | undefined
  let first = 0

  function fail(error: Error): void {
    asked?.reject(error)
    asked = undefined
    connection.socket.destroy()
  }
  function arrived(length: number): void {
    if (left === undefined || !asked) return
    first ||= length > 0 ? performance.now() - asked.start : 0
    left -= length
    if (left > 0) return
    const { resolve, start } = asked
    const last = performance.now() - start
    resolve({ first, last })
    asked = undefined
    free(connection)
  }
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: scratch,
      callback(length) {
        if (left !== undefined) arrived(length)
        else {
          head += scratch.toString('latin1', 0, length)
          const end = head.indexOf('\r\n\r\n')
          if (end === -1) return true
          const size = /^HTTP\/1\.1 20[06] [^]*\r\ncontent-length: (\d+)\r\n/i.exec(head.slice(0, end + 2))?.[1]
          if (size === undefined) fail(new Error(`No file: ${head.slice(0, end)}`))
          else {
            left = Number(size)
            arrived(head.length - end - 4)
          }
        }
        return true
      },
    },
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The connection ended before the answer did.')))
  const connection: Connection = {
    socket,
    ask(request) {
      head = ''
      left = undefined
      first = 0
      return new Promise((resolve, reject) => {
        asked = { start: performance.now(), resolve, reject }
        socket.write(request)
      })
    },
  }
  return connection
}
