import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Settings } from '../settings.ts'
import type { Delivery } from './deliver.ts'

/** What the HTTP layer hands to the application with each request. */
export interface Bindings {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  delivery?: Delivery
}

export type Fetch = (request: Request, bindings: Bindings) => Response | Promise<Response>

/** Joins the application to Node's HTTP server. `malformed` answers requests that do not even parse. */
export function createListener(
  fetch: Fetch,
  malformed: (error: unknown) => Response,
  { sendfile }: Pick<Settings, 'sendfile'>,
): RequestListener {
  const deliver = (response: Response, { delivery, outgoing }: Bindings): Response =>
    delivery ? delivery.deliver(response, outgoing, sendfile) : response
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
    { errorHandler: malformed, hostname: 'localhost' },
  )
  return (incoming, outgoing) => void listener(incoming, outgoing)
}
