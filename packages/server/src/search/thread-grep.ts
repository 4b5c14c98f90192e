import { abortedBy, type LocalAccess, StorageError, type StorageDriver, type StoragePath } from '@filegate/core'
import type { ReadResult } from '@filegate/core'
import { hasBinaryName } from './binary-name.ts'
import { createOutcomeBuilder, type GrepOutcome, type OutcomeBuilder } from './grep-outcome.ts'
import type { GrepRequest } from './grep-request.ts'
import type { GrepThread, GrepThreads } from './grep-threads.ts'
import { folderOf } from './local-folder.ts'
import { piecesOf } from './pieces.ts'
import type { TreeWalk } from './tree-walk.ts'

/** What is searched: files that the threads open on the local disk, or bodies that are read here and handed to them. */
export type GrepMaterial =
  | {
      readonly local: LocalAccess
      readonly files: (signal: AbortSignal) => AsyncIterator<readonly StoragePath[], void>
    }
  | {
      readonly storage: Pick<StorageDriver, 'read'>
      readonly files: (signal: AbortSignal) => AsyncIterator<GrepFile, void>
    }

export interface GrepFile {
  readonly path: StoragePath
  readonly size?: number | undefined
}

const threadsOfSearch = 2
/** Files of a storage that are read at the same time. */
const lanesOfThread = 4
/** Enough to make up for the way to a thread and back. */
const filesOfQuestion = 256

interface Search {
  readonly request: GrepRequest
  readonly outcome: OutcomeBuilder
  /** Aborted when nothing more is wanted, for whatever reason. */
  readonly stop: AbortController
  searched: number
  files: number
}

/**
 * Searches in worker threads. When there is enough, the work that has begun comes to its end; when time is up or the
 * client has left, threads that are at work are ended.
 */
export async function searchWithThreads(
  threads: GrepThreads,
  material: GrepMaterial,
  request: GrepRequest,
  signal: AbortSignal,
): Promise<GrepOutcome> {
  if (signal.aborted) throw abortedBy(signal)
  const search: Search = {
    request,
    outcome: createOutcomeBuilder(request),
    stop: new AbortController(),
    searched: 0,
    files: 0,
  }
  const taken = Array.from({ length: threadsOfSearch }, () => threads.take())
  const interrupted = Promise.withResolvers<'interrupted'>()
  const interrupt = (): void => {
    search.outcome.cut()
    search.stop.abort()
    interrupted.resolve('interrupted')
  }
  const timer = setTimeout(interrupt, request.timeout)
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    const work = Promise.all(workOf(search, taken, material).map((lane) => lane.catch(unlessStopped(search))))
    // After an interruption it fails in whatever it was doing; nobody waits for that.
    work.catch(() => {})
    await Promise.race([work, interrupted.promise])
    if (signal.aborted) throw abortedBy(signal)
    return search.outcome.build(search.searched)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', interrupt)
    search.stop.abort()
    for (const thread of taken) thread.release()
  }
}

/** Once nothing more is wanted, whatever is still read ends with an error. */
const unlessStopped =
  ({ stop }: Search) =>
  (error: unknown): void => {
    if (!stop.signal.aborted) throw error
  }

function workOf(search: Search, threads: readonly GrepThread[], material: GrepMaterial): Promise<void>[] {
  const { pattern, context, maxCount, maxFilesize } = search.request
  const limits = { context, maxCount, maxFilesize }
  const { signal } = search.stop
  if ('local' in material) {
    const folder = folderOf(material.local)
    const files = material.files(signal)
    return threads.map(async (thread) => {
      await thread.begin({ pattern, limits, folder })
      await localLane(search, thread, files)
    })
  }
  const files = material.files(signal)
  return threads.map(async (thread) => {
    await thread.begin({ pattern, limits })
    const lanes = Array.from({ length: lanesOfThread }, () => storageLane(search, thread, material.storage, files))
    await Promise.all(lanes)
  })
}

async function localLane(
  search: Search,
  thread: GrepThread,
  files: AsyncIterator<readonly StoragePath[], void>,
): Promise<void> {
  while (!search.stop.signal.aborted) {
    const next = await files.next()
    if (next.done) return
    const { searched, matches } = await thread.files(next.value)
    search.searched += searched
    for (const file of matches) report(search, file.path, file.matches)
  }
}

function report(search: Search, path: string, matches: Parameters<OutcomeBuilder['add']>[1]): void {
  if (!search.outcome.add(`/${path}`, matches)) search.stop.abort()
}

async function storageLane(
  search: Search,
  thread: GrepThread,
  storage: Pick<StorageDriver, 'read'>,
  files: AsyncIterator<GrepFile, void>,
): Promise<void> {
  while (!search.stop.signal.aborted) {
    const next = await files.next()
    if (next.done) return
    const { path, size = 0 } = next.value
    if (size > search.request.maxFilesize) continue
    const result = await storage.read(path, { signal: search.stop.signal }).catch(skipUnreadable)
    if (result) await searchBody(search, thread, path, result)
  }
}

/** What is gone or closed to the caller by the time it is read is left out, as ripgrep leaves it out. */
const unreadable: ReadonlySet<string> = new Set([
  'NotFound',
  'AccessDenied',
  'Unauthenticated',
  'IsADirectory',
  'InvalidPath',
  'Unsupported',
])

function skipUnreadable(error: unknown): undefined {
  if (!StorageError.is(error) || !unreadable.has(error.code)) throw error
}

async function searchBody(search: Search, thread: GrepThread, path: StoragePath, { body }: ReadResult): Promise<void> {
  const file = search.files++
  let size = 0
  for await (const { bytes, isLast } of piecesOf(body, search.stop.signal)) {
    size += bytes.length
    // Known only now, because the storage did not say it before.
    if (size > search.request.maxFilesize) return thread.drop(file)
    const { wantsMore, matches } = await thread.piece({ file, bytes, isLast })
    if (wantsMore) continue
    search.searched++
    return report(search, path, matches)
  }
}

/** The paths of the files in a walk, as many at a time as a thread is asked about. */
export async function* pathsOf(
  walk: TreeWalk,
  readable: (path: StoragePath) => boolean,
): AsyncGenerator<StoragePath[], void> {
  let paths: StoragePath[] = []
  for await (const entries of walk) {
    for (const { kind, path } of entries) {
      if (kind !== 'file' || !readable(path)) continue
      paths.push(path)
      if (paths.length < filesOfQuestion) continue
      yield paths
      paths = []
    }
  }
  yield paths
}

/** The files in a walk that are worth a request each. */
export async function* filesOf(walk: TreeWalk): AsyncGenerator<GrepFile, void> {
  for await (const entries of walk) {
    for (const { kind, path, size } of entries) if (kind === 'file' && !hasBinaryName(path)) yield { path, size }
  }
}
