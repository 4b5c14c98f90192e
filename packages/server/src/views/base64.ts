import { abortable, type FileEntry, isADirectory, StorageError } from '@filegate/core'
import { jsonType } from '../errors.ts'
import { conditionalStatus } from '../http/conditional.ts'
import { validators } from '../http/validators.ts'
import { base64Length, base64Of } from '../text/base64.ts'
import type { Surface, View } from './view.ts'

/** Whoever takes the content inside JSON has to hold all of it in memory. */
const largestInJson = 50 * 1024 * 1024

/** What stands around the content. The size comes last, because not every storage knows it beforehand. */
interface Frame {
  readonly type: string
  readonly head: string
  readonly tail: (size: number) => string
}

const frames = {
  basic: { type: 'text/plain; charset=utf-8', head: '', tail: () => '' },
  v1: { type: jsonType, head: '{"base64":"', tail: (size) => `","size":${size}}` },
} as const satisfies Record<Surface, Frame>

/** A file in base64: bare and of any size on the basic surface, in JSON on v1. */
export const base64: View = {
  name: 'base64',
  takes: 'file',
  async respond({ request, source, reply }) {
    const { entry } = source
    if (entry.kind !== 'file') throw isADirectory(request.path)
    const most = request.surface === 'v1' ? largestInJson : Infinity
    checkSize(entry, entry.size, most)
    const decided = conditionalStatus((name) => request.header(name), entry)
    if (decided !== undefined) return reply(decided, decided === 304 ? validators(entry) : {}, null)

    const frame = frames[request.surface]
    if (request.method === 'HEAD') return reply(200, headersOf(entry, frame), null)
    const opened = await source.open({ signal: request.signal })
    const chunks = counted(abortable(opened.body, request.signal), opened.entry, most)
    return reply(200, headersOf(opened.entry, frame), ReadableStream.from(framed(chunks, frame)))
  },
}

function headersOf(entry: FileEntry, { type, head, tail }: Frame): Record<string, string> {
  const headers = { 'content-type': type, ...validators(entry) }
  if (entry.size === undefined) return headers
  const length = head.length + base64Length(entry.size) + tail(entry.size).length
  return { ...headers, 'content-length': String(length) }
}

async function* framed(chunks: Counted, { head, tail }: Frame): AsyncGenerator<Uint8Array> {
  if (head) yield Buffer.from(head)
  yield* base64Of(chunks)
  const end = tail(chunks.size)
  if (end) yield Buffer.from(end)
}

interface Counted extends AsyncIterable<Uint8Array> {
  /** Bytes that have come so far. */
  readonly size: number
}

/** Fails when other than the announced bytes come: what was sent must not look whole then. */
function counted(chunks: AsyncIterable<Uint8Array>, entry: FileEntry, most: number): Counted {
  let size = 0
  return {
    get size() {
      return size
    },
    async *[Symbol.asyncIterator]() {
      for await (const chunk of chunks) {
        size += chunk.length
        checkSize(entry, size, most)
        yield chunk
      }
      if (entry.size === undefined || entry.size === size) return
      const message = `/${entry.path} should have ${entry.size} bytes, but ${size} came.`
      throw new StorageError('Conflict', message, { path: entry.path })
    },
  }
}

function checkSize({ path }: FileEntry, size: number | undefined, most: number): void {
  if (size === undefined || size <= most) return
  const message = `/${path} is larger than the 50 MB that fit into JSON; the plain form, without /api/v1/files, has no limit.`
  throw new StorageError('TooLarge', message, { path })
}
