import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { LocalAccess } from '@filegate/core'
import { openFiles } from '@filegate/driver-local/files'
import { threadReply } from '../thread-reply.ts'
import { EntrySink } from './entry-sink.ts'
import {
  type BytesJob,
  type FilesJob,
  largestWholeFile,
  type Level,
  type Omission,
  type PackedFiles,
  type PackFolder,
  type PackItem,
  type PackJob,
} from './pack-jobs.ts'

/** An answer is sent once it is this long, so that the client gets something and memory stays small. */
const enough = 256 * 1024

const sinks = new Map<Level, EntrySink>()
type Open = LocalAccess['openFile']
let opened: { readonly key: string; readonly open: Open } | undefined

/** The same guard as in the main thread: what it does not open is not in the archive. */
function openerOf(folder: PackFolder): Open {
  const key = JSON.stringify(folder)
  if (opened?.key !== key) opened = { key, open: openFiles(folder) }
  return opened.open
}

function sinkFor(level: Level): EntrySink {
  const sink = sinks.get(level) ?? new EntrySink(level, enough + largestWholeFile)
  sinks.set(level, sink)
  return sink
}

function packFiles({ folder, items, level }: FilesJob): PackedFiles {
  const open = openerOf(folder)
  const sink = sinkFor(level)
  const omissions: Omission[] = []
  let done = 0
  let large = false
  for (const item of items) {
    if (sink.length >= enough) break
    const outcome = addItem(sink, open, item)
    large = outcome === 'large'
    if (large) break
    if (outcome !== 'added') omissions.push({ path: item.path, reason: outcome })
    done += 1
  }
  return { ...sink.take(), done, large, omissions }
}

/** `added`, `large`, or the reason why it is left out. */
function addItem(sink: EntrySink, open: Open, item: PackItem): string {
  if (item.kind === 'directory') {
    sink.add(item, 0, () => 0)
    return 'added'
  }
  try {
    return addFile(sink, open, item)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function addFile(sink: EntrySink, open: Open, item: PackItem): 'added' | 'large' {
  const file = open(item.path)
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
  return { ...sink.take(), done: 1, large: false, omissions: [] }
}

const pack = (job: PackJob): PackedFiles => (job.kind === 'files' ? packFiles(job) : packBytes(job))

parentPort?.on('message', (job: PackJob) => {
  const { reply, transfer } = threadReply(
    () => pack(job),
    ({ bytes, central }) => [bytes.buffer, central.bytes.buffer],
  )
  parentPort?.postMessage(reply, transfer)
})
