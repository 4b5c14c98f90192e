import { closeSync, openSync, write, writeSync } from 'node:fs'
import { StorageError } from '@filegate/core'

/** Lines wait this long to be written together. Milliseconds. */
const flushEvery = 100
/** So much text is written at once, and so much may wait at most while the receiver is stuck. Characters. */
const flushAt = 64 * 1024
const mostWaiting = 8 * 1024 * 1024

const standardOutput = 1

/** Appends lines to a file, or to standard output. Nothing waits for them: a stuck receiver loses lines, not requests. */
export class LineWriter {
  readonly #path: string | undefined
  #descriptor: number
  #waiting: string[] = []
  #size = 0
  #dropped = 0
  #busy = false
  #timer: NodeJS.Timeout | undefined

  /** @throws StorageError when the file cannot be opened. */
  constructor(path: string | undefined) {
    this.#path = path
    this.#descriptor = open(path)
  }

  line(text: string): void {
    if (this.#size + text.length > mostWaiting) {
      this.#dropped += 1
      return
    }
    this.#waiting.push(text)
    this.#size += text.length + 1
    if (this.#size >= flushAt) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), flushEvery).unref()
  }

  /** Opens the file anew, after another program moved it away. What waits goes to the old one. */
  reopen(): void {
    if (this.#path === undefined) return
    const next = open(this.#path)
    this.flushNow()
    const old = this.#descriptor
    this.#descriptor = next
    // A write that is under way still uses the old one.
    if (this.#busy) setTimeout(() => closeSync(old), 1000).unref()
    else closeSync(old)
  }

  /** For the end of the process: writes what waits before it returns. */
  flushNow(): void {
    const text = this.#take()
    if (text !== '') writeAll(this.#descriptor, Buffer.from(text))
  }

  close(): void {
    this.flushNow()
    if (this.#path !== undefined && !this.#busy) closeSync(this.#descriptor)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#busy || this.#waiting.length === 0) return
    this.#busy = true
    const lines = this.#waiting.length
    this.#send(Buffer.from(this.#take()), lines)
  }

  #send(bytes: Buffer, lines: number): void {
    write(this.#descriptor, bytes, (error, written) => {
      // A pipe whose reader is slow takes the rest at a later try.
      const full = error?.code === 'EAGAIN'
      const left = full ? bytes : bytes.subarray(error ? bytes.length : written)
      if (left.length > 0) {
        setTimeout(() => this.#send(left, lines), full ? flushEvery : 0)
        return
      }
      if (error) this.#dropped += lines
      this.#busy = false
      this.#flush()
    })
  }

  #take(): string {
    if (this.#dropped > 0) this.#waiting.push(`(${this.#dropped} lines were dropped: the log could not be written)`)
    this.#dropped = 0
    const text = this.#waiting.length === 0 ? '' : `${this.#waiting.join('\n')}\n`
    this.#waiting = []
    this.#size = 0
    return text
  }
}

function open(path: string | undefined): number {
  if (path === undefined) return standardOutput
  try {
    return openSync(path, 'a', 0o640)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StorageError('Unavailable', `The log file cannot be opened: ${reason}`, { path, cause })
  }
}

/** The process is ending: a receiver that takes nothing more is left alone. */
function writeAll(descriptor: number, bytes: Buffer): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}
