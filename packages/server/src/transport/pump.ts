import { read } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { LocalBody } from '@filegate/core'
import { bufferSize, giveBack, takeBuffer } from './buffers.ts'

/**
 * Sends a part of a local file through the response: while one buffer drains into the socket the next is being read, so
 * two are in flight at most. A file that ends early breaks the connection: a short body must not look whole.
 */
export function pump(response: ServerResponse, body: LocalBody, finished: () => void): void {
  let position = body.start
  let inFlight = 0
  let reading = false
  let ended = false

  const end = (error?: Error): void => {
    if (ended) return
    ended = true
    if (error) response.destroy(error)
    else response.end()
    settle()
  }
  // The descriptor may only be closed, and its number so be given away, once no read on it is under way.
  const settle = (): void => {
    if (ended && !reading) finished()
  }

  const advance = (): void => {
    if (ended || reading || inFlight >= 2) return
    if (position >= body.end) {
      if (inFlight === 0) end()
      return
    }
    const buffer = takeBuffer()
    reading = true
    read(body.descriptor, buffer, 0, Math.min(bufferSize, body.end - position), position, (error, count) => {
      reading = false
      if (ended || error || count === 0) {
        giveBack(buffer)
        end(error ?? new Error('The file became shorter while it was being sent.'))
        settle()
        return
      }
      position += count
      send(buffer, count)
      advance()
    })
  }

  const send = (buffer: Buffer, count: number): void => {
    inFlight += 1
    response.write(buffer.subarray(0, count), (error) => {
      inFlight -= 1
      giveBack(buffer)
      if (error) end(error)
      else advance()
    })
  }

  response.once('close', () => end(response.writableFinished ? undefined : new Error('The client went away.')))
  advance()
}
