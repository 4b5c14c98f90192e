import { once } from 'node:events'
import type { Socket } from 'node:net'
import { StorageError } from '@filegate/core'
import { FTPError, isRefusal } from './control.ts'
import type { Session } from './session.ts'

/** A transfer that the server has agreed to. */
export interface Transfer {
  readonly socket: Socket
  /** Settles when the data connection is encrypted, where it is to be. */
  readonly ready: Promise<void>
  /** Settles with the word of the server on how it ended. A rejection that nobody looks at is no error. */
  readonly finished: Promise<void>
  /** Where in the file it begins: at the offset that was asked for, unless the server cannot do that. */
  readonly start: number
}

/**
 * Opens a data connection and gives the command that uses it.
 * @throws FTPError when the server refuses; the session can be used on
 */
export async function beginTransfer(session: Session, command: string, offset = 0): Promise<Transfer> {
  const { control } = session
  const port = await passivePort(session)
  session.inTransfer = true
  const { socket, ready } = await session.connectData(port)
  // RFC 3659, section 5.3: nothing may come between this and the transfer.
  const start = offset > 0 && (await control.tries(`REST ${offset}`))?.code === 350 ? offset : 0
  const started = Promise.withResolvers<void>()
  const answered: Promise<unknown> = control.handle(command, (response, task) => {
    if (response instanceof Error) {
      started.reject(response)
      task.reject(response)
    } else if (response.code < 200) {
      // How long it takes now is not for the server alone to decide.
      control.socket.setTimeout(0)
      started.resolve()
    } else if (response.code < 300) {
      started.resolve()
      task.resolve(undefined)
    } else {
      started.reject(new FTPError(response))
      task.reject(new FTPError(response))
    }
  })
  const finished = settledWell(session, answered)
  finished.catch(() => socket.destroy())
  try {
    await started.promise
    return { socket, ready, finished, start }
  } catch (error) {
    socket.destroy()
    if (isRefusal(error)) session.inTransfer = false
    throw error
  }
}

async function settledWell(session: Session, answered: Promise<unknown>): Promise<void> {
  await answered
  session.inTransfer = false
}

/** The port that the server listens on for the next data connection: RFC 2428, section 3, or RFC 959. */
async function passivePort(session: Session): Promise<number> {
  const { control } = session
  const extended = session.epsv ? await control.tries('EPSV') : undefined
  const [, , said] = /\((.)\1\1(\d+)\1\)/.exec(extended?.message ?? '') ?? []
  if (said !== undefined) return checkedPort(Number(said))
  session.epsv = false
  const { message } = await control.ask('PASV', 227)
  const [, high, low] = /\d{1,3},\d{1,3},\d{1,3},\d{1,3},(\d{1,3}),(\d{1,3})/.exec(message) ?? []
  return checkedPort(Number(high) * 256 + Number(low))
}

function checkedPort(port: number): number {
  if (port >= 1 && port <= 65_535) return port
  throw new StorageError('Unexpected', 'The FTP server named no port for a data connection.')
}

/** The most bytes that a listing may have. */
const largestListing = 128 * 1_048_576

/** All that a command sends over a data connection. */
export async function collectTransfer(session: Session, command: string): Promise<Buffer> {
  const transfer = await beginTransfer(session, command)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of transfer.socket) {
      if (!Buffer.isBuffer(chunk)) continue
      chunks.push(chunk)
      size += chunk.length
      if (size > largestListing) throw new StorageError('TooLarge', 'The listing of the folder is too long.')
    }
    await transfer.finished
  } catch (error) {
    throw await reasonOf(transfer, error)
  } finally {
    transfer.socket.destroy()
  }
  return Buffer.concat(chunks)
}

/** Milliseconds that a server has to say why it ended a data connection. */
const reasonTime = 500

/** What the server says is better than what the end of a data connection says. */
export async function reasonOf({ finished }: Transfer, error: unknown): Promise<unknown> {
  if (StorageError.is(error)) return error
  const refusal = finished.then(
    () => error,
    (reason: unknown) => (reason instanceof FTPError ? reason : error),
  )
  return withDeadline(refusal, reasonTime, () => error)
}

/** Sends chunks over a transfer, as fast as the server takes them, and waits for its word. */
export async function sendTransfer(
  { socket, ready, finished }: Transfer,
  chunks: AsyncIterable<Uint8Array>,
  confirmation: number,
): Promise<void> {
  // An empty file would otherwise be over before the encryption has begun, which servers take for an error.
  await Promise.race([ready, finished])
  const broken = once(socket, 'close').then(() => {
    throw Object.assign(new Error('The data connection was closed.'), { code: 'ECONNRESET' })
  })
  broken.catch(() => undefined)
  for await (const chunk of chunks) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), broken, finished])
  }
  socket.end()
  await withDeadline(finished, confirmation, () => {
    throw new StorageError('TimedOut', `The FTP server did not confirm an upload within ${confirmation / 1000} s.`)
  })
}

/** The result of `work`, or what `late` gives when it takes longer. */
export async function withDeadline<Result>(
  work: Promise<Result>,
  milliseconds: number,
  late: () => Result,
): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(resolve, milliseconds, 'late')
  try {
    const first = await Promise.race([work.then((result) => ({ result })), promise])
    return first === 'late' ? late() : first.result
  } finally {
    clearTimeout(timer)
  }
}
