import type { ServerResponse } from 'node:http'
import { type LocalBody, localBodyOf } from '@filegate/core'
// Imported before any listener is made: it must be an instance of the original Response, which the listener replaces.
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { pump } from './pump.ts'
import { canSendBySystem, prepareSendFile, sendBySystem } from './sendfile.ts'

/** Stands for an answer that went past the HTTP layer. */
export const alreadySent = RESPONSE_ALREADY_SENT

/** From here on the detour through the system call is worth its first steps. */
const worthSystemCall = 256 * 1024

/** The body that a view named for sending straight from its descriptor, if any. */
export class Delivery {
  #body: ReadableStream<Uint8Array> | undefined

  handOff = (body: ReadableStream<Uint8Array>): void => {
    if (localBodyOf(body)) this.#body = body
  }

  /**
   * Sends the response past the web streams if its body is the one that was handed off. Another body (an error took its
   * place, or something wrapped it) goes the ordinary way, and the descriptor is released.
   */
  deliver(response: Response, outgoing: ServerResponse, sendfile: boolean): Response {
    const body = this.#body
    const local = body && localBodyOf(body)
    if (!body || !local) return response
    if (response.body !== body) {
      // Locked means that whatever wrapped the body reads it and will release the descriptor itself.
      if (!body.locked) local.close()
      return response
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    send(outgoing, local, sendfile)
    return alreadySent
  }
}

function send(outgoing: ServerResponse, local: LocalBody, sendfile: boolean): void {
  const finished = (): void => local.close()
  if (outgoing.destroyed) {
    finished()
  } else if (sendfile && local.end - local.start >= worthSystemCall && canSendBySystem(outgoing)) {
    sendBySystem(outgoing, local, finished)
  } else {
    if (sendfile) prepareSendFile()
    pump(outgoing, local, finished)
  }
}
