import { collectBytes, type FileEntry, StorageError } from '@filegate/core'
import { settled } from '../sources/settled.ts'
import type { Source } from '../sources/source.ts'
import type { LineLimits } from '../text/lines-local.ts'
import type { LinesRequest } from '../text/lines-request.ts'
import { findStreamedLines, type StreamedFile, type StreamedLines } from '../text/lines-stream.ts'
import { narrowed, type WideCharset, wideCharset } from '../text/wide-text.ts'
import { lineHeaders, sampleSize } from './line-headers.ts'
import type { ViewContext } from './view.ts'

/** A file that changes between two reads of it is looked at again, so many times. */
const mostAttempts = 3

/** Lines of a file that can only be read through its storage. UTF-16 is answered as UTF-8. */
export async function linesFromStream(
  context: ViewContext,
  entry: FileEntry,
  wanted: LinesRequest,
  limits: LineLimits,
): Promise<Response> {
  let now = entry
  for (let attempt = 1; ; attempt++) {
    const file = steady(context.source, now)
    try {
      return await attemptLines(context, file, wanted, limits)
    } catch (error) {
      if (attempt === mostAttempts || !file.replacement) throw error
      now = file.replacement
    }
  }
}

interface SteadyFile extends StreamedFile {
  readonly entry: FileEntry
  /** What the file was found to have become. */
  readonly replacement: FileEntry | undefined
}

/** All bytes it gives are those that `entry` describes. @throws StorageError `Conflict` once they no longer are. */
function steady(source: Source, entry: FileEntry): SteadyFile {
  let replacement: FileEntry | undefined
  return {
    entry,
    size: entry.size,
    get replacement() {
      return replacement
    },
    async open(range, signal) {
      const result = await source.open({ range, signal })
      if (result.entry.etag === entry.etag) return result.body
      replacement = result.entry
      await result.body.cancel()
      throw new StorageError('Conflict', `The file keeps changing while it is being read: /${entry.path}`, {
        path: entry.path,
      })
    },
  }
}

async function attemptLines(
  context: ViewContext,
  file: SteadyFile,
  wanted: LinesRequest,
  limits: LineLimits,
): Promise<Response> {
  const found = await find(context, file, file, wanted, limits)
  const charset = found.bytes.includes(0) ? await charsetOfStart(file, context.request.signal) : undefined
  if (!charset) return send(context, file.entry, file, found)
  const text = asUtf8(file, charset)
  return send(context, file.entry, text, await find(context, file, text, wanted, limits))
}

/** `text` is `file` or another form of it, whose lines are remembered apart. */
async function find(
  { source, services, request }: ViewContext,
  file: SteadyFile,
  text: StreamedFile,
  wanted: LinesRequest,
  limits: LineLimits,
): Promise<StreamedLines> {
  const { etag } = file.entry
  const same = etag !== undefined && source.entry.kind === 'file' && source.entry.etag === etag
  const known = same && settled(file.entry, Date.now())
  const identity =
    known && source.identity !== undefined ? source.identity + (text === file ? '' : '\0utf-8') : undefined
  const index = services.lines.indexOf(identity, text.size)
  const found = await findStreamedLines(text, wanted, limits, index, request.signal)
  services.lines.keep(identity, index)
  return found
}

async function charsetOfStart(file: StreamedFile, signal: AbortSignal): Promise<WideCharset | undefined> {
  return wideCharset(await collectBytes(await file.open({ start: 0, end: 2 }, signal), signal))
}

function asUtf8(file: StreamedFile, charset: WideCharset): StreamedFile {
  return {
    size: undefined,
    open: async (range, signal) => narrowed(await file.open(undefined, signal), charset, range, signal),
  }
}

async function send(
  context: ViewContext,
  entry: FileEntry,
  text: StreamedFile,
  { span, bytes }: StreamedLines,
): Promise<Response> {
  const { request, reply } = context
  const headers = lineHeaders(entry, span, bytes.subarray(0, sampleSize))
  if (request.method === 'HEAD') return reply(200, headers, null)
  if (bytes.length === span.end - span.start) return reply(200, headers, bytes)
  const body = await text.open({ start: span.start, end: span.end }, request.signal)
  context.handOff(body)
  return reply(200, headers, body)
}
