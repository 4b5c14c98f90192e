import { readSync } from 'node:fs'
import type { FileEntry, OpenFile } from '@filegate/core'
import { bodyOf } from '@filegate/driver-local'
import { settled } from '../sources/settled.ts'
import { findLines, type LineLimits } from '../text/lines-local.ts'
import type { LinesRequest } from '../text/lines-request.ts'
import type { LineSpan } from '../text/lines-scan.ts'
import { wideCharset } from '../text/wide-text.ts'
import { lineHeaders, sampleSize } from './line-headers.ts'
import { linesFromStream } from './lines-from-stream.ts'
import type { ViewContext } from './view.ts'

/** Answers up to this size are read and sent in one piece. */
const smallAnswer = 256 * 1024

/**
 * Lines of a local file: found and sent through one descriptor, so that a file that is replaced meanwhile changes
 * nothing, and one that grows is shown as it was. Answers at once where the lines are near.
 */
export function linesFromDisk(
  context: ViewContext,
  { etag }: FileEntry,
  wanted: LinesRequest,
  limits: LineLimits,
): Response | Promise<Response> {
  const { request, source, services } = context
  const file = closedOnce(source.openLocal?.())
  const { descriptor, entry } = file
  const identity = entry.etag === etag && settled(entry, Date.now()) ? source.identity : undefined
  const index = services.lines.indexOf(identity, entry.size)

  const answer = (span: LineSpan): Response | Promise<Response> => {
    services.lines.keep(identity, index)
    const whole = span.end - span.start <= smallAnswer && request.method === 'GET'
    const start = readBytes(file, span.start, Math.min(span.end, whole ? span.end : span.start + sampleSize))
    if (start.includes(0) && wideCharset(readBytes(file, 0, Math.min(2, entry.size)))) {
      file.close()
      return linesFromStream(context, entry, wanted, limits)
    }
    return send(context, file, span, start)
  }
  const failed = (error: unknown): never => {
    file.close()
    throw error
  }
  try {
    const known = { index, threads: services.lines.threads, signal: () => request.signal }
    const span = findLines({ descriptor, size: entry.size }, wanted, limits, known)
    return span instanceof Promise ? span.then(answer).catch(failed) : answer(span)
  } catch (error) {
    return failed(error)
  }
}

/** `start`: the first bytes of the span, or all of them. Closes the file, now or once the body has been read. */
function send(context: ViewContext, file: OpenFile, span: LineSpan, start: Uint8Array<ArrayBuffer>): Response {
  const { request, reply } = context
  const headers = lineHeaders(file.entry, span, start)
  const isHead = request.method === 'HEAD'
  if (isHead || start.length === span.end - span.start) {
    file.close()
    return reply(200, headers, isHead ? null : start)
  }
  const body = bodyOf(file, span, request.signal)
  context.handOff(body)
  return reply(200, headers, body)
}

/** Bytes of the file. Those that a file has lost meanwhile are NUL: the length has been promised. */
function readBytes({ descriptor }: OpenFile, start: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start)
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, start + filled)
    if (count === 0) break
    filled += count
  }
  return bytes
}

function closedOnce(file: OpenFile | undefined): OpenFile {
  if (!file) throw new TypeError('There is no local file to read lines from.')
  let closed = false
  const close = (): void => {
    if (closed) return
    closed = true
    file.close()
  }
  return { descriptor: file.descriptor, entry: file.entry, close }
}
