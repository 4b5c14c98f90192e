import { parentPort } from 'node:worker_threads'
import { type FileBatches, fileBatches } from '@filegate/driver-local/files'
import { threadReply } from '../thread-reply.ts'
import { EntrySink } from './entry-sink.ts'
import { enough, packFiles } from './pack-files.ts'
import {
  type BytesJob,
  largestWholeFile,
  type Level,
  type PackedFiles,
  type PackFolder,
  type PackJob,
} from './pack-jobs.ts'

const sinks = new Map<Level, EntrySink>()
let opened: { readonly key: string; readonly batches: FileBatches } | undefined

/** The same guard as in the main thread: what it does not open is not in the archive. */
function batchesOf(folder: PackFolder): FileBatches {
  const key = JSON.stringify(folder)
  if (opened?.key !== key) opened = { key, batches: fileBatches(folder) }
  return opened.batches
}

function sinkFor(level: Level): EntrySink {
  const sink = sinks.get(level) ?? new EntrySink(level, enough + largestWholeFile)
  sinks.set(level, sink)
  return sink
}

function packBytes({ item, bytes, level }: BytesJob): PackedFiles {
  const sink = sinkFor(level)
  sink.add(item, bytes.length, (target) => (target.set(bytes), bytes.length))
  return { ...sink.take(), done: 1, large: false, omissions: [] }
}

const pack = (job: PackJob): PackedFiles =>
  job.kind === 'files' ? packFiles(job, batchesOf(job.folder), sinkFor(job.level)) : packBytes(job)

parentPort?.on('message', (job: PackJob) => {
  const { reply, transfer } = threadReply(
    () => pack(job),
    ({ bytes, central }) => [bytes.buffer, central.bytes.buffer],
  )
  parentPort?.postMessage(reply, transfer)
})
