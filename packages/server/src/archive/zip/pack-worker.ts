import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { type LocalAccess, localAccessOf, StorageError } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { threadReply } from '../thread-reply.ts'
import { EntrySink } from './entry-sink.ts'
import {
  type BytesJob,
  deflateWindow,
  type FilesJob,
  largestWholeFile,
  type Level,
  type Omission,
  type PackedFiles,
  type PackedPiece,
  type PackFolder,
  type PackItem,
  type PackJob,
  type PieceJob,
} from './pack-jobs.ts'

/** An answer is sent once it is this long, so that the client gets something and memory stays small. */
const enough = 256 * 1024

const sinks = new Map<Level, EntrySink>()
let opened: { readonly key: string; readonly access: LocalAccess } | undefined

/** The same guard as in the main thread: what it does not open is not in the archive. */
function accessTo(folder: PackFolder): LocalAccess {
  const key = JSON.stringify(folder)
  if (opened?.key === key) return opened.access
  const access = localAccessOf(openLocalDriver(folder))
  if (!access) throw new StorageError('Unsupported', 'There is no local folder here.')
  opened = { key, access }
  return access
}

function sinkFor(level: Level): EntrySink {
  const sink = sinks.get(level) ?? new EntrySink(level, enough + largestWholeFile)
  sinks.set(level, sink)
  return sink
}

function packFiles({ folder, items, level }: FilesJob): PackedFiles {
  const access = accessTo(folder)
  const sink = sinkFor(level)
  const omissions: Omission[] = []
  let done = 0
  let large = false
  for (const item of items) {
    if (sink.length >= enough) break
    const outcome = addItem(sink, access, item)
    large = outcome === 'large'
    if (large) break
    if (outcome !== 'added') omissions.push({ path: item.path, reason: outcome })
    done += 1
  }
  return { kind: 'files', ...sink.take(), done, large, omissions }
}

/** `added`, `large`, or the reason why it is left out. */
function addItem(sink: EntrySink, access: LocalAccess, item: PackItem): string {
  if (item.kind === 'directory') {
    sink.add(item, 0, () => 0)
    return 'added'
  }
  try {
    return addFile(sink, access, item)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function addFile(sink: EntrySink, access: LocalAccess, item: PackItem): 'added' | 'large' {
  const file = access.openFile(item.path)
  const { descriptor, entry } = file
  try {
    if (entry.size > largestWholeFile) return 'large'
    const { modified, posix } = entry
    sink.add({ ...item, modified, mode: posix?.mode }, entry.size, (target) => readFully(descriptor, target, 0))
    return 'added'
  } finally {
    file.close()
  }
}

/** Fewer bytes than `target` holds only where the file ends. */
function readFully(descriptor: number, target: Uint8Array, position: number): number {
  let filled = 0
  while (filled < target.length) {
    const count = readSync(descriptor, target, filled, target.length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

function packBytes({ item, bytes, level }: BytesJob): PackedFiles {
  const sink = sinkFor(level)
  sink.add(item, bytes.length, (target) => (target.set(bytes), bytes.length))
  return { kind: 'files', ...sink.take(), done: 1, large: false, omissions: [] }
}

function packPiece({ source, last, level }: PieceJob): PackedPiece {
  const { bytes, before } = 'bytes' in source ? source : readPiece(source, level)
  const crc = crc32(bytes)
  const packed = level === 0 ? bytes : deflatePiece(bytes, before, last, level)
  return { kind: 'piece', bytes: packed, crc, size: bytes.length }
}

function deflatePiece(
  bytes: Uint8Array,
  before: Uint8Array | undefined,
  last: boolean,
  level: Level,
): Uint8Array<ArrayBuffer> {
  const packed = deflateRawSync(bytes, {
    level,
    // A piece that does not end the file ends on a byte border, so that the next one, packed elsewhere, can follow it.
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    // One buffer that holds whatever comes, instead of many small ones.
    chunkSize: bytes.length + (bytes.length >> 8) + 1024,
    ...(before?.length ? { dictionary: before } : {}),
  })
  return packed.length > packed.buffer.byteLength / 2 ? packed : new Uint8Array(packed)
}

interface Span {
  readonly descriptor: number
  readonly start: number
  readonly end: number
}

/** What is deflated does not leave this thread, so it is read into the same memory each time. */
const pieceMemory = { bytes: new Uint8Array(0), before: new Uint8Array(deflateWindow) }

function readPiece({ descriptor, start, end }: Span, level: Level) {
  const context = level === 0 ? 0 : Math.min(deflateWindow, start)
  const before = pieceMemory.before.subarray(0, context)
  const bytes = level === 0 ? new Uint8Array(end - start) : pieceMemoryOf(end - start)
  const count = readFully(descriptor, before, start - context) + readFully(descriptor, bytes, start)
  if (count === bytes.length + context) return { bytes, before }
  throw new StorageError('Conflict', 'A file became shorter while it was packed.')
}

function pieceMemoryOf(size: number): Uint8Array<ArrayBuffer> {
  if (pieceMemory.bytes.length < size) pieceMemory.bytes = new Uint8Array(size)
  return pieceMemory.bytes.subarray(0, size)
}

function pack(job: PackJob): PackedFiles | PackedPiece {
  if (job.kind === 'files') return packFiles(job)
  return job.kind === 'bytes' ? packBytes(job) : packPiece(job)
}

parentPort?.on('message', (job: PackJob) => {
  const { reply, transfer } = threadReply(
    () => pack(job),
    ({ bytes }) => [bytes.buffer],
  )
  parentPort?.postMessage(reply, transfer)
})
