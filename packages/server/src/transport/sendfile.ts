import { readSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { LocalBody } from '@filegate/core'
import { giveBack, takeBuffer } from './buffers.ts'

type SendFile = (socket: number, file: number, offset: BigInt64Array, count: number) => number

/** So much in one turn of the event loop, then the others have theirs. */
const turn = 8 * 1024 * 1024
/** Written the ordinary way, first and whenever the socket is full: its callback tells when there is room again. */
const probe = 64 * 1024

let sendFile: SendFile | undefined
let loading: Promise<void> | undefined

/**
 * Loads the system call in the background; until it is there, and wherever it cannot be had, files go through buffers.
 * It is called through an optional package, because Node offers no sendfile.
 */
export function prepareSendFile(): void {
  if (process.platform !== 'linux') return
  loading ??= import('koffi').then(
    ({ default: koffi }): void => {
      sendFile = koffi.load('libc.so.6').func('int64_t sendfile(int, int, _Inout_ int64_t *, size_t)')
    },
    () => {
      // The package is optional, and the portable path serves the same bytes.
      sendFile = undefined
    },
  )
}

/** The descriptor of a plain TCP socket; Node has no public name for it. */
function descriptorOf(socket: Socket | null): number | undefined {
  if (!socket || 'encrypted' in socket) return undefined
  const handle: unknown = Reflect.get(socket, '_handle')
  const descriptor: unknown = typeof handle === 'object' && handle ? Reflect.get(handle, 'fd') : undefined
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined
}

/** Whether `sendBySystem` can serve this response. */
export function canSendBySystem(response: ServerResponse): boolean {
  return sendFile !== undefined && descriptorOf(response.socket) !== undefined
}

/**
 * Sends a part of a local file from descriptor to socket without it passing through this process. The socket does not
 * block: when it is full the next piece is written the ordinary way, whose callback says when there is room again, and
 * through which a broken connection shows. A file that ends early breaks the connection.
 */
export function sendBySystem(response: ServerResponse, body: LocalBody, finished: () => void): void {
  const offset = new BigInt64Array(1)
  let position = body.start
  let ended = false

  const end = (error?: Error): void => {
    if (ended) return
    ended = true
    if (error) response.destroy(error)
    else response.end()
    finished()
  }

  const write = (): void => {
    const buffer = takeBuffer()
    const count = readSync(body.descriptor, buffer, 0, Math.min(probe, body.end - position), position)
    if (count === 0) {
      giveBack(buffer)
      end(shortened())
      return
    }
    position += count
    response.write(buffer.subarray(0, count), (error) => {
      giveBack(buffer)
      if (error) end(error)
      else send()
    })
  }

  const send = (): void => {
    if (ended) return
    if (position >= body.end) return end()
    const socket = descriptorOf(response.socket)
    const call = sendFile
    if (socket === undefined || !call) return write()
    const budget = Math.min(position + turn, body.end)
    while (position < budget) {
      offset[0] = BigInt(position)
      const count = call(socket, body.descriptor, offset, budget - position)
      if (count === 0) return end(shortened())
      if (count < 0) return write()
      position += count
    }
    if (position >= body.end) end()
    else setImmediate(send)
  }

  response.once('close', () => end(new Error('The client went away.')))
  if (position < body.end) write()
  else end()
}

function shortened(): Error {
  return new Error('The file became shorter while it was being sent.')
}
