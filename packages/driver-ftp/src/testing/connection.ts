import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { type Command, commands } from './commands.ts'
import { PassiveListener } from './passive.ts'
import type { FtpState } from './server.ts'

const contexts = new WeakMap<FtpState, SecureContext>()

/** One for a server, so that tickets of one connection are good for another. */
function contextOf(state: FtpState): SecureContext {
  const { certificate, key } = state.manners
  const context = contexts.get(state) ?? createSecureContext({ cert: certificate, key })
  contexts.set(state, context)
  return context
}

/** The server's side of a control connection. */
export class FtpConnection {
  readonly state: FtpState
  readonly passive = new PassiveListener()
  socket: Socket
  user = ''
  loggedIn = false
  folder = '/'
  restart = 0
  renaming: string | undefined
  protected = false
  isSecure = false
  /** What came last does not end in a line yet. */
  #begun = ''

  constructor(state: FtpState, socket: Socket) {
    this.state = state
    this.socket = socket
  }

  listen(): void {
    const { charset } = this.state.manners
    this.socket.on('data', (bytes: Buffer) => void this.#take(bytes.toString(charset)))
    this.socket.on('error', () => undefined)
    this.socket.once('close', () => this.passive.close())
  }

  encrypt(): void {
    const plain = this.socket
    plain.removeAllListeners('data')
    this.#begun = ''
    this.isSecure = true
    this.socket = new TLSSocket(plain, { isServer: true, secureContext: contextOf(this.state) })
    this.listen()
  }

  async reply(code: number, text: string): Promise<void> {
    const line = `${code} ${text}\r\n`
    const bytes = Buffer.from(line, this.state.manners.charset)
    if (!this.state.manners.dribbles) {
      this.socket.write(bytes)
      return
    }
    for (const byte of bytes) {
      this.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The data connection that the client made, ready to be used. */
  async data() {
    const plain = await this.passive.accepted()
    if (!plain) return undefined
    this.state.data.add(plain)
    plain.once('close', () => this.state.data.delete(plain))
    plain.on('error', () => undefined)
    if (!this.protected) return plain
    const secure = new TLSSocket(plain, { isServer: true, secureContext: contextOf(this.state) })
    secure.on('error', () => undefined)
    const isSecure = await new Promise<boolean>((resolve) => {
      secure.once('secure', () => resolve(true))
      secure.once('close', () => resolve(false))
    })
    if (!isSecure) return undefined
    if (!this.state.manners.reuse || secure.isSessionReused()) return secure
    secure.destroy()
    return undefined
  }

  absolute(path: string): string {
    const whole = path.startsWith('/') ? path : `${this.folder}/${path}`
    return `/${whole.split('/').filter(Boolean).join('/')}`
  }

  async #take(text: string): Promise<void> {
    const lines = (this.#begun + text).split('\r\n')
    this.#begun = lines.pop() ?? ''
    for (const line of lines) await this.#obey(line)
  }

  async #obey(line: string): Promise<void> {
    const [, verb = '', argument = ''] = /^(\S+)(?: ([\s\S]*))?$/.exec(line) ?? []
    const name = verb.toUpperCase()
    this.state.commands.push(line)
    const { faults } = this.state
    if (faults.unavailable > 0 && this.loggedIn && name !== 'QUIT') {
      faults.unavailable -= 1
      this.state.requests.push({})
      return this.hangUp('Service not available, closing control connection')
    }
    const command: Command | undefined = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command) return this.reply(500, `${name} not understood`)
    if (!this.loggedIn && !beforeLogin.has(name)) return this.reply(530, 'Please login with USER and PASS')
    await command(this, argument)
    if (name !== 'REST' && name !== 'PASV' && name !== 'EPSV') this.restart = 0
  }

  async hangUp(text: string): Promise<void> {
    await this.reply(421, text)
    this.socket.end()
  }
}

const beforeLogin: ReadonlySet<string> = new Set([
  'USER',
  'PASS',
  'AUTH',
  'PBSZ',
  'PROT',
  'FEAT',
  'OPTS',
  'QUIT',
  'NOOP',
])

export function serveConnection(state: FtpState, socket: Socket): void {
  const connection = new FtpConnection(state, socket)
  connection.listen()
  if (state.manners.tls === 'implicit') connection.encrypt()
  if (state.controls.size > state.manners.mostConnections) void connection.hangUp('Too many connections')
  else void connection.reply(220, 'At your service')
}
