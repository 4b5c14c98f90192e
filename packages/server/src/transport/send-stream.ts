import { chunksOf } from '@filegate/core'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterWriting } from '../bodies/owned-chunks.ts'
import type { StreamedReply } from '../http/reply.ts'

export interface StreamTrouble {
  /** Answers what failed before anything was sent. */
  readonly failed: (error: unknown) => Response
  /** Told what failed once part of the answer was on its way. */
  readonly brokeOff: (error: unknown) => void
}

/**
 * Sends a body that comes piece by piece. Nothing is sent before there is a first piece, so that what fails until then gets
 * an answer of its own, which is returned; `undefined` means that the answer is on its way. What fails later breaks
 * the connection: a short body must not look whole.
 */
export async function sendStream(
  outgoing: ServerResponse,
  { status, headers, body }: StreamedReply,
  { failed, brokeOff }: StreamTrouble,
): Promise<Response | undefined> {
  const chunks = chunksOf(body)
  const release = afterWriting(body)
  const leave = (): void => void chunks.cancel(new Error('The client went away.')).catch(() => undefined)
  outgoing.once('close', leave)
  try {
    if (outgoing.destroyed) leave()
    const first = await chunks.next()
    if (!outgoing.destroyed) {
      outgoing.writeHead(status, headers)
      void sendRest(first)
    }
    return undefined
  } catch (error) {
    outgoing.off('close', leave)
    leave()
    return failed(error)
  }

  async function sendRest(first: Uint8Array | undefined): Promise<void> {
    try {
      for (let chunk = first; chunk; chunk = await chunks.next()) {
        const sent = chunk
        if (!outgoing.write(sent, () => release(sent))) await roomIn(outgoing)
        if (outgoing.destroyed) return
      }
      outgoing.off('close', leave)
      outgoing.end()
    } catch (error) {
      brokeOff(error)
      breakOff(outgoing, 'content-length' in headers || outgoing.chunkedEncoding)
    }
  }
}

/** Until more can be written, or nothing any more. */
const roomIn = (outgoing: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      outgoing.off('drain', go).off('close', go)
      resolve()
    }
    outgoing.on('drain', go).on('close', go)
  })

/**
 * Where the end of the connection is the end of the body, as for clients that speak HTTP/1.0, only a reset tells them that it
 * is not whole. The others are spared that, because a reset takes away what they have not read yet.
 */
function breakOff(outgoing: ServerResponse, showsItsEnd: boolean): void {
  const { socket } = outgoing
  if (showsItsEnd || !socket || !isTcp(socket)) outgoing.destroy()
  else socket.resetAndDestroy()
}

const isTcp = (socket: Socket): boolean => socket.remoteFamily !== undefined && !('encrypted' in socket)
