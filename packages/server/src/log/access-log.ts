import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Settings } from '../settings.ts'
import { callerOf } from './caller.ts'
import { compileLogFormat } from './format.ts'
import { LineWriter } from './line-writer.ts'

/** Follows one request and writes its line when the response is over, or the client gone. */
export type AccessLog = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** The status that is logged for a client who left before there was an answer; the number is nginx's. */
const clientLeft = 499

/**
 * The access log, or undefined where `--log-format` is empty. SIGHUP opens the file anew.
 * @throws StorageError when the log file cannot be opened.
 */
export function createAccessLog(settings: Pick<Settings, 'logFormat' | 'logFile'>): AccessLog | undefined {
  if (settings.logFormat.trim() === '') return undefined
  const format = compileLogFormat(settings.logFormat)
  const writer = new LineWriter(settings.logFile)
  process.on('exit', () => writer.flushNow())
  if (settings.logFile !== undefined) process.on('SIGHUP', () => reopen(writer))
  return (incoming, outgoing) => {
    const started = performance.now()
    const { socket, method = '-', url = '-', headers } = incoming
    const { remoteAddress } = socket
    const sentBefore = socket.bytesWritten
    outgoing.once('close', () => {
      const line = format({
        remoteAddress,
        user: callerOf(incoming),
        method,
        target: url,
        headers,
        status: outgoing.headersSent ? outgoing.statusCode : clientLeft,
        bodyBytesSent: () => bodyBytesSent(outgoing, method, socket.bytesWritten - sentBefore),
        time: Date.now(),
        duration: performance.now() - started,
      })
      writer.line(line)
    })
  }
}

/** A log that cannot be opened anew goes on into the old file. */
function reopen(writer: LineWriter): void {
  try {
    writer.reopen()
  } catch (error) {
    process.stderr.write(`filegate: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/**
 * A finished response has sent the length it announced. Otherwise it is what went through the socket, without the head;
 * bytes that the system sent by itself are not in that count.
 */
function bodyBytesSent(outgoing: ServerResponse, method: string, sent: number): number {
  if (method === 'HEAD' || outgoing.statusCode === 304) return 0
  const head = headOf(outgoing)
  const announced = /^content-length: *(\d+)/im.exec(head)?.[1]
  if (outgoing.writableFinished && announced !== undefined) return Number(announced)
  return Math.max(0, sent - head.length)
}

/** The head of a response as it was sent, which Node keeps under a name that is not public. */
function headOf(outgoing: ServerResponse): string {
  const head: unknown = Reflect.get(outgoing, '_header')
  return typeof head === 'string' ? head : ''
}
