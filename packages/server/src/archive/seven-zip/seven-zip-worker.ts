import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { SevenZipModuleFactory } from '7z-wasm'
import type { FromSevenZip, SevenZipTask } from './seven-zip-thread.ts'

const outputSize = 256 * 1024
const mostComplaints = 10_000

const send = (message: FromSevenZip): void => parentPort?.postMessage(message)

/** Sends and stands still until the main thread has answered; returns its number. */
function ask(control: Int32Array, message: FromSevenZip): number {
  Atomics.store(control, 0, 0)
  send(message)
  Atomics.wait(control, 0, 0)
  return Atomics.load(control, 1)
}

/** Bytes of the archive at a place; a piece of a remote one is kept for the small reads that follow. */
function createRead({ descriptor, data }: SevenZipTask, control: Int32Array) {
  if (descriptor !== undefined) {
    return (target: Uint8Array, position: number): number => readSync(descriptor, target, 0, target.length, position)
  }
  const shared = new Uint8Array(data)
  let start = 0
  let end = 0
  return (target: Uint8Array, position: number): number => {
    if (position < start || position >= end) {
      start = position
      end = position + ask(control, { kind: 'wants', start: position, count: shared.length })
    }
    const part = shared.subarray(position - start, Math.min(end - start, position - start + target.length))
    target.set(part)
    return part.length
  }
}

interface Seekable {
  readonly position: number
}

/** A file of the WebAssembly file system whose bytes come from `read`. */
function virtualFile(size: number, read: (target: Uint8Array, position: number) => number) {
  const fromHere = [() => 0, (stream: Seekable) => stream.position, () => size] as const
  return {
    usedBytes: size,
    stream_ops: {
      llseek: (stream: Seekable, offset: number, whence: 0 | 1 | 2) => offset + fromHere[whence](stream),
      read: (_stream: Seekable, target: Uint8Array, offset: number, length: number, position: number) => {
        const count = Math.max(0, Math.min(length, size - position))
        return count === 0 ? 0 : read(target.subarray(offset, offset + count), position)
      },
    },
  }
}

function createOutput(control: Int32Array) {
  let waiting: Uint8Array[] = []
  let size = 0
  const flush = (): void => {
    if (size > 0) ask(control, { kind: 'output', bytes: Buffer.concat(waiting) })
    waiting = []
    size = 0
  }
  const write = (_stream: unknown, source: ArrayBufferView, offset: number, length: number): number => {
    const bytes = new Uint8Array(source.buffer, source.byteOffset + offset, length)
    for (let at = 0; at < length; at += outputSize) {
      const part = bytes.slice(at, at + outputSize)
      waiting.push(part)
      size += part.length
      if (size >= outputSize) flush()
    }
    return length
  }
  return { write, flush }
}

async function run(task: SevenZipTask): Promise<void> {
  const control = new Int32Array(task.control)
  const load = await loadSevenZip()
  if (!load) {
    send({ kind: 'absent' })
    return
  }
  let complaints = ''
  let code = 0
  const sevenZip = await load({
    print: () => {},
    printErr: (line) => {
      if (complaints.length < mostComplaints) complaints += `${line}\n`
    },
    quit: (status) => {
      code = status
    },
  })
  sevenZip.FS.createDataFile('/', 'archive', new Uint8Array(0), true, false, false)
  Object.assign(sevenZip.FS.lookupPath('/archive').node, virtualFile(task.size, createRead(task, control)))
  const output = createOutput(control)
  replaceOutput(sevenZip.FS, output.write)
  const returned: unknown = sevenZip.callMain([...task.arguments])
  output.flush()
  send({ kind: 'end', code: typeof returned === 'number' ? returned : code, complaints })
}

/** Undefined when the optional package is not installed. Its types say that there is a default within the default. */
async function loadSevenZip(): Promise<SevenZipModuleFactory | undefined> {
  const loaded: unknown = await import('7z-wasm').then(
    (module) => module.default,
    () => undefined,
  )
  return isFactory(loaded) ? loaded : undefined
}

const isFactory = (value: unknown): value is SevenZipModuleFactory => typeof value === 'function'

/** The package hands over standard output byte by byte; taking whole writes is several times faster. */
function replaceOutput(fileSystem: object, write: ReturnType<typeof createOutput>['write']): void {
  const streams: unknown = Reflect.get(fileSystem, 'streams')
  const output: unknown = Array.isArray(streams) ? streams[1] : undefined
  if (typeof output !== 'object' || output === null) throw new Error('7-Zip has no standard output.')
  const operations: unknown = Reflect.get(output, 'stream_ops')
  Reflect.set(output, 'stream_ops', { ...(typeof operations === 'object' ? operations : {}), write })
}

/** What 7-Zip itself throws arrives as the address of something in its memory. */
const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : '7-Zip gave up.'

function isTask(value: unknown): value is SevenZipTask {
  return typeof value === 'object' && value !== null && 'arguments' in value
}

if (isTask(workerData)) {
  run(workerData).catch((error: unknown) => send({ kind: 'end', code: 2, complaints: describe(error) }))
}
