import { abandon, abortedBy, type ChunkSource, chunksOf, StorageError } from '@filegate/core'
import type { WriteOptions } from '@filegate/core'
import { fdatasync, writev } from 'node:fs'
import { promisify } from 'node:util'

const writeAll = promisify(writev)
const syncData = promisify(fdatasync)

/** Bytes that are handed to the system at once, where the sender is faster than the disk. */
const batchSize = 1 << 20
/** After so many bytes the disk is told to begin, so that little is left for it to do at the end. */
const syncEvery = 32 << 20

type Body = Pick<WriteOptions, 'body' | 'size' | 'signal'>

export interface Pouring extends Body {
  readonly descriptor: number
  readonly position: number
  readonly durable: boolean
}

/**
 * Writes a body to a file while the next of it comes in.
 * @returns how many bytes there were
 * @throws StorageError `InvalidArgument` when the body has another size than announced
 */
export async function pour({ body, size, signal, descriptor, position, durable }: Pouring): Promise<number> {
  const writer = writerTo(descriptor, position, durable)
  let taken = 0
  try {
    await takeIn({ body, size, signal }, (chunk) => {
      taken += chunk.byteLength
      return writer.write(chunk)
    })
  } catch (error) {
    await writer.stop()
    throw error
  }
  await writer.end()
  return taken
}

/** Hands each chunk of a body on, and checks its size. What goes wrong cancels the body. */
async function takeIn({ body, size, signal }: Body, take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
  const chunks = chunksOf(body)
  let taken = 0
  const stop = abandonOn(signal, (reason) => chunks.cancel(reason))
  try {
    for (;;) {
      const chunk = await nextOf(chunks)
      if (signal?.aborted) throw abortedBy(signal)
      if (!chunk) break
      taken += chunk.byteLength
      checkSize(taken, size, false)
      await take(chunk)
    }
    checkSize(taken, size, true)
  } catch (error) {
    abandon(chunks, error)
    throw error
  } finally {
    stop()
  }
}

/** @throws StorageError, also for what is none: it was the sender and not the disk */
async function nextOf(chunks: ChunkSource): Promise<Uint8Array | undefined> {
  try {
    return await chunks.next()
  } catch (cause) {
    throw StorageError.is(cause) ? cause : new StorageError('Aborted', 'The body broke off before its end.', { cause })
  }
}

/** Writes what has come in meanwhile whenever the disk is done with what came before. */
function writerTo(descriptor: number, position: number, durable: boolean) {
  const syncing = startedSyncs(descriptor, durable)
  let end = position
  let writing: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  let batch: Uint8Array[] = []
  let batched = 0

  async function writeBatches(): Promise<void> {
    try {
      while (batched > 0) {
        const [buffers, length, at] = [batch, batched, end]
        batch = []
        batched = 0
        end += length
        await written(descriptor, buffers, length, at)
        syncing.wrote(length)
      }
    } catch (error) {
      failure = { error }
      batched = 0
    }
    writing = undefined
  }
  const settle = async (): Promise<void> => {
    await writing
    await syncing.settled()
  }
  return {
    write(chunk: Uint8Array): Promise<void> | void {
      if (failure) throw failure.error
      batch.push(chunk)
      batched += chunk.byteLength
      writing ??= writeBatches()
      if (batched >= batchSize) return writing
    },
    /** @throws what went wrong with the disk */
    async end(): Promise<void> {
      await settle()
      const failed = failure ?? syncing.failure()
      if (failed) throw failed.error
    },
    /** Nothing touches the descriptor any more when this resolves. */
    async stop(): Promise<void> {
      batched = 0
      await settle()
    },
  }
}

/** All of a small body, which is then written in one go. */
export async function gather(body: Body): Promise<Uint8Array[]> {
  const gathered: Uint8Array[] = []
  await takeIn(body, (chunk) => void gathered.push(chunk))
  return gathered
}

function checkSize(taken: number, size: number | undefined, isWhole: boolean): void {
  if (size === undefined || taken === size || (taken < size && !isWhole)) return
  const message = `The body has ${isWhole ? taken : `more than ${size}`} bytes, but ${size} were announced.`
  throw new StorageError('InvalidArgument', message)
}

async function written(descriptor: number, buffers: Uint8Array[], length: number, at: number): Promise<void> {
  const { bytesWritten } = await writeAll(descriptor, buffers, at)
  if (bytesWritten === length) return
  // A disk that is nearly full takes a part; the next try says what is wrong.
  let skipped = bytesWritten
  const rest = buffers.flatMap((buffer) => {
    const skip = Math.min(skipped, buffer.byteLength)
    skipped -= skip
    return skip === buffer.byteLength ? [] : [buffer.subarray(skip)]
  })
  await written(descriptor, rest, length - bytesWritten, at + bytesWritten)
}

function startedSyncs(descriptor: number, durable: boolean) {
  let unsynced = 0
  let running: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  return {
    wrote(length: number): void {
      unsynced += length
      if (!durable || running || unsynced < syncEvery) return
      unsynced = 0
      running = syncData(descriptor)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => {
          running = undefined
        })
    },
    /** The descriptor must not be closed before. */
    async settled(): Promise<void> {
      await running
    },
    /** The system tells of it once, so it is kept. */
    failure: () => failure,
  }
}

function abandonOn(signal: AbortSignal | undefined, cancel: (reason: unknown) => Promise<void>): () => void {
  if (!signal) return () => {}
  const abort = (): void => void cancel(abortedBy(signal)).catch(() => undefined)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}
