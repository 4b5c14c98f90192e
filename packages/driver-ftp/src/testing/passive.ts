import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** Waits for one data connection at a time. */
export class PassiveListener {
  #servers: Server[] = []
  #sockets: Promise<Socket>[] = []

  /** @returns the port */
  async open(): Promise<number> {
    this.close()
    const server = createServer({ pauseOnConnect: true })
    this.#servers = [server]
    const socket = new Promise<Socket>((resolve) => {
      server.once('connection', (accepted) => {
        server.close()
        resolve(accepted)
      })
    })
    this.#sockets = [socket]
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  async accepted() {
    return this.#sockets.pop()
  }

  get isOpen(): boolean {
    return this.#sockets.length > 0
  }

  close(): void {
    for (const server of this.#servers) server.close()
    this.#servers = []
    this.#sockets = []
  }
}
