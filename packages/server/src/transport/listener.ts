import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { streamedReply } from '../http/reply.ts'
import type { Settings } from '../settings.ts'
import { alreadySent, type Delivery } from './deliver.ts'
import { linger } from './linger.ts'
import { sendStream, type StreamTrouble } from './send-stream.ts'

/** What the HTTP layer hands to the application with each request. */
export interface Bindings {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  delivery?: Delivery
}

export type Fetch = (request: Request, bindings: Bindings) => Response | Promise<Response>

export interface ListenerTrouble extends StreamTrouble {
  /** Answers requests that do not even parse. */
  readonly malformed: (error: unknown) => Response
}

/** Joins the application to Node's HTTP server. */
export function createListener(
  fetch: Fetch,
  trouble: ListenerTrouble,
  { sendfile }: Pick<Settings, 'sendfile'>,
): RequestListener {
  const deliver = (given: Response, { delivery, incoming, outgoing }: Bindings): Response | Promise<Response> => {
    linger(incoming, outgoing)
    const response = delivery ? delivery.deliver(given, outgoing, sendfile) : given
    const reply = streamedReply(response)
    return reply ? sendStream(outgoing, reply, trouble).then((instead) => instead ?? alreadySent) : response
  }
  const listener = getRequestListener(
    (request, bindings) => {
      const { incoming, outgoing } = bindings
      if (!(incoming instanceof IncomingMessage && outgoing instanceof ServerResponse)) {
        throw new TypeError('Only HTTP/1.1 is spoken here.')
      }
      const known: Bindings = { incoming, outgoing }
      const response = fetch(request, known)
      return response instanceof Promise
        ? response.then((settled) => deliver(settled, known))
        : deliver(response, known)
    },
    // HTTP/1.0 has no Host, and no answer depends on it.
    { errorHandler: trouble.malformed, hostname: 'localhost' },
  )
  return (incoming, outgoing) => void listener(incoming, outgoing)
}
