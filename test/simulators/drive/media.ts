import type { IncomingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { oneHeader } from '../gcs/exchange.ts'
import { type ByteRange, oneRange } from '../one-range.ts'
import { DriveError } from './drive-error.ts'
import type { Answer } from './exchange.ts'

/** Bytes that leave in one piece. */
const pieceSize = 65_536

function* piecesOf(bytes: Buffer): Generator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize)
}

const isCompressible = (type: string): boolean => /^text\/|json|javascript|xml/.test(type)

/**
 * A file's bytes, or one range of them. Text leaves compressed for those who accept gzip and also say so in `User-Agent`
 * (developers.google.com/workspace/drive/api/guides/performance#gzip).
 */
export function answerBytes(bytes: Buffer, contentType: string, headers: IncomingHttpHeaders): Answer {
  const common = {
    'content-type': contentType,
    'content-disposition': 'attachment',
    'cache-control': 'private, max-age=0, must-revalidate',
    'accept-ranges': 'bytes',
    vary: 'Origin, X-Origin',
  }
  const range = readRange(oneHeader(headers, 'range'), bytes.length)
  if (range) {
    const part = bytes.subarray(range.start, range.end)
    const contentRange = `bytes ${range.start}-${range.end - 1}/${bytes.length}`
    const more = { 'content-length': String(part.length), 'content-range': contentRange }
    return { status: 206, headers: { ...common, ...more }, body: piecesOf(part) }
  }
  const wantsGzip = [headers['accept-encoding'], headers['user-agent']].every((one) => /\bgzip\b/.test(String(one)))
  if (wantsGzip && isCompressible(contentType)) {
    return { status: 200, headers: { ...common, 'content-encoding': 'gzip' }, body: piecesOf(gzipSync(bytes)) }
  }
  return { status: 200, headers: { ...common, 'content-length': String(bytes.length) }, body: piecesOf(bytes) }
}

/** @throws DriveError 416 */
function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const range = oneRange(header, size)
  if (range !== 'unsatisfiable') return range
  throw new DriveError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable', {
    locationType: 'header',
    location: 'Range',
    headers: { 'content-range': `bytes */${size}` },
  })
}
