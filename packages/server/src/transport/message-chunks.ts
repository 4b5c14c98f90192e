import type { IncomingMessage } from 'node:http'
import type { ChunkSource } from '@filegate/core'

/** Bytes that may wait to be taken before the client has to. */
const mostWaiting = 1 << 20

/** What has come in and was not taken yet. The client is told to wait when that is much. */
function queueOf(message: IncomingMessage) {
  const waiting: Uint8Array[] = []
  let bytes = 0
  return {
    push(chunk: Uint8Array): void {
      waiting.push(chunk)
      bytes += chunk.byteLength
      if (bytes >= mostWaiting) message.pause()
    },
    take(): Uint8Array | undefined {
      const chunk = waiting.shift()
      bytes -= chunk?.byteLength ?? 0
      if (chunk && bytes < mostWaiting / 2 && !message.readableEnded && message.isPaused()) message.resume()
      return chunk
    },
    clear(): void {
      waiting.length = 0
    },
  }
}

const nothing = new Uint8Array()

/** The body of a request, if it has so many bytes and all of them are here. Taking it leaves nothing for `messageChunks`. */
export function arrivedBytes(message: IncomingMessage, size: number): Promise<Uint8Array> | undefined {
  if (message.errored || message.destroyed || message.readableLength !== size) return undefined
  const bytes: unknown = message.read()
  // Its end is told a moment later: an answer before that would be one to a request that is still coming in.
  return new Promise((resolve) => {
    const finish = (): void => resolve(bytes instanceof Uint8Array ? bytes : nothing)
    message.once('end', finish).once('close', finish).resume()
  })
}

/** The body of a request as it comes from the socket, without a stream around it. The first question for it begins the reading. */
export function messageChunks(message: IncomingMessage): ChunkSource {
  const queue = queueOf(message)
  let begun = false
  let isOver = false
  let failure: Error | undefined
  let wake = (): void => {}

  const onData = (chunk: Uint8Array): void => {
    queue.push(chunk)
    wake()
  }
  const finish = (): void => {
    isOver = true
    message.off('data', onData).off('end', finish).off('close', onClose)
    wake()
  }
  // It stays after the end: an error that nobody listens for would end the process.
  const onError = (error: Error): void => {
    if (!isOver) failure = error
    finish()
  }
  const onClose = (): void => {
    if (!message.complete) failure ??= new Error('the connection was closed before all of the body had come')
    finish()
  }
  function begin(): void {
    begun = true
    message.on('error', onError)
    if (message.destroyed) return onClose()
    message.on('end', finish).on('close', onClose).on('data', onData)
  }
  return {
    async next() {
      if (!begun) begin()
      for (;;) {
        const chunk = queue.take()
        if (chunk) return chunk
        if (failure) throw failure
        if (isOver) return undefined
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    // What still comes is for whoever ends the connection.
    async cancel() {
      if (begun && !isOver) {
        message.pause()
        finish()
      }
      isOver = true
      queue.clear()
    },
  }
}
