import type { FileHandle } from 'node:fs/promises'
import { type ChunkSource, chunksOf, StorageError } from '@filegate/core'
import { asDiskProblem } from './disk-problem.ts'
import { inTime } from '../http/in-time.ts'
import { tusProblem } from './tus-problem.ts'
import { checkDigest, startHash, type UploadChecksum } from './upload-checksum.ts'

export interface ReceivingBytes {
  readonly file: Pick<FileHandle, 'writev' | 'truncate' | 'datasync'>
  readonly body: ReadableStream<Uint8Array> | null
  /** Offset of the first byte. */
  readonly start: number
  /** The upload may have so many bytes. Absent: any number. */
  readonly most: number | undefined
  /** Bytes of the body, when the client announced them. */
  readonly announced: number | undefined
  readonly checksum: UploadChecksum | undefined
  readonly isDurable: boolean
  /** Told now and then that everything before an offset is on the disk; what fails here fails the whole. */
  readonly reached: (offset: number) => Promise<void>
  /** Told whenever something has come, with how to break off. */
  readonly heard: (breakOff: () => void) => void
}

export interface ReceivedBytes {
  /** Everything before it is on the disk. */
  readonly offset: number
  /** Why not all of the body came so far. */
  readonly failure?: unknown
}

/** Bytes that are written at once. */
const batchSize = 1 << 20
/** After so many bytes it is noted how far they got, for the case that this process dies. */
const noteEvery = 32 << 20
/** Milliseconds that the client may be silent. */
const patience = 30_000

/** Writes a body behind what has come before. What came is kept even if more was to come, unless there is a checksum to hold. */
export async function receiveBytes(receiving: ReceivingBytes): Promise<ReceivedBytes> {
  const { file, start, checksum, isDurable } = receiving
  const writer = writerTo(receiving)
  let failure: unknown
  try {
    await takeIn(receiving, (chunk) => writer.write(chunk))
  } catch (error) {
    failure = asDiskProblem(error)
  }
  let offset = await writer.end()
  failure ??= writer.failure()
  if (failure !== undefined && (checksum || isWrong(failure))) {
    await file.truncate(start)
    offset = start
  }
  if (isDurable && offset > start) await file.datasync()
  return { offset, failure }
}

/** A body that is not what it should be, as against one that broke off. */
const isWrong = (failure: unknown): boolean => StorageError.is(failure, 'TooLarge')

/** Hands on each chunk, and checks what can be checked. */
async function takeIn(receiving: ReceivingBytes, write: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  const { body, start, most = Number.POSITIVE_INFINITY, announced, checksum, heard } = receiving
  if (start + (announced ?? 0) > most) throw beyond(most)
  const hash = checksum && startHash(checksum)
  const chunks = body && chunksOf(body)
  let taken = 0
  let brokenOff = false
  const breakOff = (): void => {
    brokenOff = true
    void chunks?.cancel(undefined).catch(() => undefined)
  }
  try {
    for (;;) {
      heard(breakOff)
      const chunk = chunks && (await nextOf(chunks))
      if (brokenOff) throw new StorageError('Aborted', 'Another request goes on with this upload.')
      if (!chunk) break
      taken += chunk.byteLength
      if (start + taken > most) throw beyond(most)
      hash?.update(chunk)
      await write(chunk)
    }
  } catch (error) {
    await chunks?.cancel(error).catch(() => undefined)
    throw error
  }
  if (announced !== undefined && taken !== announced) throw new StorageError('Aborted', 'The body broke off.')
  if (checksum && hash) checkDigest(checksum, hash)
}

async function nextOf(chunks: ChunkSource): Promise<Uint8Array | undefined> {
  try {
    return await inTime(chunks.next(), patience)
  } catch (error) {
    if (StorageError.is(error)) throw error
    throw new StorageError('Aborted', 'The client left before all of the body had come.', { cause: error })
  }
}

const beyond = (most: number): StorageError =>
  tusProblem('PAYLOAD_TOO_LARGE', `The body goes beyond the ${most} bytes that this upload may have.`)

/** Writes in batches, and notes how far it got while the next bytes come. */
function writerTo({ file, start, checksum, isDurable, reached }: ReceivingBytes) {
  let batch: Uint8Array[] = []
  let batched = 0
  let end = start
  let noted = start
  let noting: Promise<void> | undefined
  let failure: unknown

  async function flush(): Promise<void> {
    const buffers = batch
    batch = []
    batched = 0
    end += await writeWhole(file, buffers, end)
  }
  async function note(offset: number): Promise<void> {
    try {
      if (isDurable) await file.datasync()
      await reached(offset)
    } catch (error) {
      failure ??= asDiskProblem(error)
    }
    noting = undefined
  }
  return {
    async write(chunk: Uint8Array): Promise<void> {
      if (failure !== undefined) throw failure
      batch.push(chunk)
      batched += chunk.byteLength
      if (batched < batchSize) return
      await flush()
      if (checksum || noting || end - noted < noteEvery) return
      noted = end
      noting = note(end)
    },
    /** Nothing touches the file any more when this resolves. @returns up to where it was written */
    async end(): Promise<number> {
      try {
        await flush()
      } catch (error) {
        failure ??= asDiskProblem(error)
      }
      await noting
      return end
    },
    failure: () => failure,
  }
}

/** A disk that is nearly full takes a part; the next try says what is wrong. */
async function writeWhole(file: ReceivingBytes['file'], buffers: Uint8Array[], position: number): Promise<number> {
  let rest = buffers.filter(({ byteLength }) => byteLength > 0)
  let written = 0
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, position + written)
    written += bytesWritten
    let skip = bytesWritten
    rest = rest.flatMap((buffer) => {
      const skipped = Math.min(skip, buffer.byteLength)
      skip -= skipped
      return skipped === buffer.byteLength ? [] : [buffer.subarray(skipped)]
    })
  }
  return written
}
