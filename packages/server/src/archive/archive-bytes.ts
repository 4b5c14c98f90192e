import { read, readSync } from 'node:fs'
import { abortable, abortedBy, collectBytes, type OpenFile, StorageError } from '@filegate/core'
import type { Source } from '../sources/source.ts'

/** The bytes of an archive, wherever they are, in any order. Whoever holds it calls `close` exactly once. */
export interface ArchiveBytes {
  /** Of the file; a hint at the format, no more. */
  readonly name: string
  readonly size: number
  /** Whether going somewhere else costs nothing, as in a local file, and not a request. */
  readonly seeksFreely: boolean
  /** Aborts when nobody waits for the answer any more: reads then throw, and whoever computes is to stop. */
  readonly signal: AbortSignal
  /** The descriptor behind it, for other threads; it stays open until `close`. */
  readonly descriptor?: number | undefined
  /** Exactly those bytes. @throws StorageError `Conflict` when the file has become shorter or another one. */
  read(start: number, end: number): Promise<Uint8Array>
  stream(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined>
  close(): void
}

/** Reads as large as this are done at once: they take less time than a trip through the thread pool. */
const largestSynchronousRead = 256 * 1024
/** Who goes to a place may want little of it. */
const firstChunk = 64 * 1024
const chunkSize = 256 * 1024

export async function openArchiveBytes(source: Source, signal: AbortSignal): Promise<ArchiveBytes> {
  if (source.openLocal) return localBytes(source.openLocal(), signal)
  const { entry } = source
  if (entry.kind === 'file' && entry.size !== undefined) return remoteBytes(source, entry.size, signal)
  throw new StorageError(
    'InvalidArgument',
    `The storage does not say how large /${entry.path} is, so its end cannot be found.`,
  )
}

function localBytes(file: OpenFile, signal: AbortSignal): ArchiveBytes {
  const { descriptor, entry } = file
  let reading = 0
  let closed = false
  const closeWhenIdle = (): void => {
    if (closed && reading === 0) file.close()
  }
  async function readAt(target: Uint8Array, position: number, atOnce: boolean): Promise<number> {
    if (signal.aborted) throw abortedBy(signal)
    // Its number may belong to another file by now.
    if (closed) throw new StorageError('Aborted', 'The archive is no longer being read.')
    if (atOnce) return readSync(descriptor, target, 0, target.length, position)
    reading += 1
    return new Promise((resolve, reject) => {
      read(descriptor, target, 0, target.length, position, (error, count) => {
        reading -= 1
        closeWhenIdle()
        if (error) reject(error)
        else resolve(count)
      })
    })
  }
  async function readExactly(start: number, end: number, atOnce: boolean): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(end - start)
    for (let filled = 0; filled < bytes.length; ) {
      const count = await readAt(bytes.subarray(filled), start + filled, atOnce)
      if (count === 0) throw changed(entry.path)
      filled += count
    }
    return bytes
  }
  return {
    name: entry.name,
    size: entry.size,
    seeksFreely: true,
    signal,
    descriptor,
    read: (start, end) => readExactly(start, end, end - start <= largestSynchronousRead),
    async *stream(start, end) {
      let next = firstChunk
      for (let at = start; at < end; next = chunkSize) {
        const until = Math.min(end, at + next)
        // Never at once: a long stream would be one long loop without a turn for other requests.
        yield await readExactly(at, until, false)
        at = until
      }
    },
    close() {
      closed = true
      closeWhenIdle()
    },
  }
}

function remoteBytes(source: Source, size: number, signal: AbortSignal): ArchiveBytes {
  const { entry } = source
  const etag = entry.kind === 'file' ? entry.etag : undefined
  async function open(start: number, end: number): Promise<ReadableStream<Uint8Array>> {
    const result = await source.open({ range: { start, end }, signal })
    if (etag === undefined || result.entry.etag === etag) return result.body
    await result.body.cancel()
    throw changed(entry.path)
  }
  return {
    name: entry.name,
    size,
    seeksFreely: false,
    signal,
    async read(start, end) {
      if (start === end) return new Uint8Array(0)
      const bytes = await collectBytes(await open(start, end), signal)
      if (bytes.length !== end - start) throw changed(entry.path)
      return bytes
    },
    async *stream(start, end) {
      if (start < end) yield* abortable(await open(start, end), signal)
    },
    close: () => {},
  }
}

const changed = (path: string): StorageError =>
  new StorageError('Conflict', `The file changed while it was read: /${path}`, { path })
