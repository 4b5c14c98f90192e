import type { RequestListener, Server } from 'node:http'

/**
 * Answers `Expect: 100-continue` when the body is first read, so that a client whose request is refused need not send it
 * (RFC 9110, section 10.1.1). Node by itself answers before anybody has looked at the request.
 */
export function continueWhenRead<Kind extends Server>(server: Kind, listener: RequestListener): Kind {
  server.on('checkContinue', (incoming, outgoing) => {
    incoming.once('resume', () => {
      if (!outgoing.headersSent) outgoing.writeContinue()
    })
    listener(incoming, outgoing)
  })
  return server
}
