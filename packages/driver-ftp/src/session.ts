import { type ConnectContext, type SocketAddress, StorageError } from '@filegate/core'
import type { Socket } from 'node:net'
import { ControlConnection, FTPError } from './control.ts'
import type { Settings } from './settings.ts'
import { throughProxy } from './through-proxy.ts'
import { beginTls, secured, type TlsSessions } from './tls.ts'

/** What all connections to one server share. */
export interface Surroundings extends Pick<ConnectContext, 'connectSocket' | 'log'> {
  readonly settings: Settings
  readonly tlsSessions: TlsSessions
}

export interface DataConnection {
  readonly socket: Socket
  /** Settles when it is encrypted, which is after the server has agreed to a transfer. A rejection may go unseen. */
  readonly ready: Promise<void>
}

/** Whoever uses a socket listens from the next moment on; nobody does where the server refuses the transfer. */
function listened<Kind extends Socket>(socket: Kind): Kind {
  socket.on('error', () => undefined)
  return socket
}

/** A control connection that is logged in. One thing at a time can be done over it. */
export class Session {
  readonly control: ControlConnection
  readonly surroundings: Surroundings
  /** What the server says it can do, in capitals, with what it says of it. */
  features: ReadonlyMap<string, string> = new Map()
  /** The folder that a log-in leads to, which is the root for us; no slash at its end. */
  home = ''
  /** A transfer was begun, and how it ended is not known yet. */
  inTransfer = false
  epsv: boolean
  readonly #ended = new AbortController()
  readonly #tlsKey: object

  /** @param tlsKey what its TLS sessions are kept under, which come before there is anything to log in to */
  constructor(socket: Socket, surroundings: Surroundings, tlsKey: object) {
    this.surroundings = surroundings
    this.#tlsKey = tlsKey
    this.control = new ControlConnection(socket, surroundings.settings.charset)
    this.epsv = surroundings.settings.epsv
  }

  get settings(): Settings {
    return this.surroundings.settings
  }

  get isUsable(): boolean {
    return !this.control.closed && !this.inTransfer && !this.#ended.signal.aborted
  }

  has(feature: string): boolean {
    return this.features.has(feature)
  }

  /** Whether MLST and MLSD are there and wanted. */
  get tellsFacts(): boolean {
    return this.settings.mlsd && this.has('MLST')
  }

  /**
   * A data connection to the server itself: the address that an answer to PASV names is not followed, as it could lead
   * anywhere. Only a proxy is given the name; otherwise it is the very address of the control connection.
   */
  async connectData(port: number): Promise<DataConnection> {
    const { proxy, server, security } = this.settings
    const host = proxy ? server.host : (this.control.socket.remoteAddress ?? server.host)
    const socket = await dial(this.surroundings, { host, port }, this.#ended.signal)
    if (security === 'none') return { socket: listened(socket), ready: Promise.resolve() }
    const secure = listened(beginTls(socket, this.settings, this.surroundings.tlsSessions.of(this.#tlsKey)))
    const ready = secured(secure)
    ready.catch(() => undefined)
    return { socket: secure, ready }
  }

  close(): void {
    this.#ended.abort(new StorageError('Unavailable', 'The connection to the FTP server was let go.'))
    this.control.close()
    this.surroundings.tlsSessions.drop(this.#tlsKey)
  }
}

/** Connects, encrypts, logs in. */
export async function openSession(surroundings: Surroundings, signal?: AbortSignal): Promise<Session> {
  const { settings } = surroundings
  const raw = await dial(surroundings, settings.server, signal)
  let session: Session | undefined
  const abort = (): void => {
    raw.destroy()
    session?.close()
  }
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const socket = settings.security === 'implicit' ? await encrypt(raw, surroundings) : raw
    raw.setNoDelay()
    session = new Session(socket, surroundings, raw)
    await greeted(session)
    if (settings.security === 'explicit') await encryptSession(session, raw)
    await logIn(session)
    await prepare(session)
    return session
  } catch (error) {
    abort()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** Milliseconds until what was reached counts as none of FTP. Some servers look up who calls before they greet. */
const greetingPatience = 15_000

async function greeted({ control, settings }: Session): Promise<void> {
  const { host, port } = settings.server
  const silent = new StorageError(
    'TimedOut',
    `What answers at ${host}, port ${port}, does not greet as an FTP server. Check host and port, and whether it wants tls.`,
  )
  const late = setTimeout(() => control.closeWithError(silent), greetingPatience)
  try {
    await control.greeting()
  } finally {
    clearTimeout(late)
  }
}

/** Milliseconds until a connection counts as one that cannot be made. */
const patience = 20_000

async function dial(surroundings: Surroundings, address: SocketAddress, signal?: AbortSignal): Promise<Socket> {
  const { connectSocket, settings } = surroundings
  const deadline = AbortSignal.timeout(patience)
  const within = signal ? AbortSignal.any([signal, deadline]) : deadline
  const { proxy } = settings
  try {
    const socket = await connectSocket(proxy ?? address, { signal: within })
    if (!proxy) return socket
    const abort = (): void => void socket.destroy(new Error('Timeout (proxy)'))
    within.addEventListener('abort', abort, { once: true })
    try {
      await throughProxy(socket, proxy, address)
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      within.removeEventListener('abort', abort)
    }
  } catch (cause) {
    if (!deadline.aborted || signal?.aborted) throw cause
    throw new StorageError('TimedOut', `No connection to ${address.host} came about within ${patience / 1000} s.`, {
      cause,
    })
  }
}

async function encrypt(raw: Socket, { settings, tlsSessions }: Surroundings): Promise<Socket> {
  const deadline = setTimeout(() => raw.destroy(new Error('Timeout (TLS)')), patience)
  try {
    const socket = beginTls(raw, settings)
    socket.on('session', (ticket: Buffer) => tlsSessions.keep(raw, ticket))
    await secured(socket)
    return socket
  } finally {
    clearTimeout(deadline)
  }
}

/** RFC 4217, section 4. */
async function encryptSession(session: Session, raw: Socket): Promise<void> {
  const answer = await session.control.tries('AUTH TLS')
  if (answer === undefined) {
    const message = 'The FTP server does not offer TLS at this port. Check explicit_tls, tls and port.'
    throw new StorageError('InvalidArgument', message)
  }
  session.control.continueOver(await encrypt(raw, session.surroundings))
}

/** @throws FTPError with what the server says against it */
async function logIn({ control, settings }: Session): Promise<void> {
  const answer = await control.ask(`USER ${settings.user}`)
  if (answer.code === 331) await control.ask(`PASS ${settings.password}`, 202, 230)
  else if (answer.code >= 300) throw new FTPError(answer)
}

async function prepare(session: Session): Promise<void> {
  const { control, settings } = session
  session.features = featuresOf((await control.tries('FEAT'))?.message)
  if (settings.security !== 'none') {
    await control.ask('PBSZ 0')
    await control.ask('PROT P')
  }
  if (settings.charset === 'utf8' && session.has('UTF8')) await control.tries('OPTS UTF8 ON')
  if (session.tellsFacts) await control.tries('OPTS MLST type;size;modify;')
  await control.ask('TYPE I')
  const [, quoted] = /^257 "((?:[^"]|"")*)"/.exec((await control.tries('PWD'))?.message ?? '') ?? []
  session.home = (quoted ?? '').replaceAll('""', '"').replace(/\/+$/, '')
}

/** RFC 2389, section 3.2. */
function featuresOf(message = ''): ReadonlyMap<string, string> {
  const lines = message.split('\n').slice(1, -1)
  return new Map(
    lines.map((line): [string, string] => {
      const [name = '', ...rest] = line.trim().split(' ')
      return [name.toUpperCase(), rest.join(' ')]
    }),
  )
}
