import { collectBytes, type FileEntry, isADirectory, StorageError } from '@filegate/core'
import { momentIn } from '../http/moment.ts'
import { problem } from '../http/problem.ts'
import type { Source } from '../sources/source.ts'
import type { ComparedSide } from '../text/diff/compare-worker.ts'
import { sideName } from '../text/diff/side-name.ts'
import type { PastContext } from './past-view.ts'

/** Bytes of one side. Larger ones are not compared. */
const mostCompared = 16 * 1024 * 1024
/** In which a NUL says that it is no text, as git has it. */
const binarySample = 8000

/** What changed in a file between two revisions or times, or since one of them, in the unified format. */
export async function diff(context: PastContext): Promise<Response> {
  const { request, services, reply } = context
  const { path, signal } = request
  const from = await sourceAsked(context, 'from')
  if (!from) throw new StorageError('InvalidArgument', "Parameter 'diff' needs 'from_seq' or 'from_ts' beside it.")
  const to = (await sourceAsked(context, 'to')) ?? (await currentSide(context))
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' }
  if (request.method === 'HEAD') return reply(200, headers, null)
  const before: ComparedSide = {
    name: sideName('a', path, from.entry.modified),
    content: await contentOf(from, signal),
  }
  const after: ComparedSide = { name: sideName('b', path, to.entry.modified), content: await contentOf(to, signal) }
  if (isBinary(before.content) || isBinary(after.content)) {
    const isSame = Buffer.compare(before.content, after.content) === 0
    return reply(200, headers, isSame ? '' : `Binary files a/${path} and b/${path} differ\n`)
  }
  return reply(200, headers, await services.comparer.unified({ before, after }, signal))
}

/** Undefined when neither a revision nor a time is given. */
async function sourceAsked(context: PastContext, side: 'from' | 'to'): Promise<Source | undefined> {
  const { request, past } = context
  const { query } = request
  const [seq, ts] = [`${side}_seq`, `${side}_ts`]
  if (query.has(seq) && query.has(ts)) {
    throw new StorageError('InvalidArgument', `Only one of the parameters ${seq}, ${ts} can be used at a time.`)
  }
  const time = momentIn(query, ts)
  if (time !== undefined) return past.at(time)
  if (!query.has(seq)) return undefined
  return past.revision(query.integer(seq, { default: 1, min: 1, max: Number.MAX_SAFE_INTEGER }))
}

async function currentSide({ request, storage }: PastContext): Promise<Pick<Source, 'entry' | 'open'>> {
  const { path, signal } = request
  const entry = await storage.stat(path, { signal })
  if (entry.kind !== 'file') throw isADirectory(path)
  return { entry, open: (options) => storage.read(path, options) }
}

async function contentOf(
  { entry, open }: Pick<Source, 'entry' | 'open'>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { size, path } = fileEntry(entry)
  if ((size ?? 0) > mostCompared) {
    const message = `One side of the comparison of /${path} is too large: files of up to ${mostCompared} bytes are compared.`
    throw problem('TooLarge', { status: 422, code: 'TOO_LARGE_TO_COMPARE', bare: true }, message, { path })
  }
  const { body } = await open({ signal })
  return collectBytes(body, signal, mostCompared)
}

function fileEntry(entry: Source['entry']): FileEntry {
  if (entry.kind === 'file') return entry
  throw isADirectory(entry.path)
}

const isBinary = (content: Uint8Array): boolean => content.subarray(0, binarySample).includes(0)
