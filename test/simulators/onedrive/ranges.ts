import { oneRange } from '../one-range.ts'
import type { Answer } from './answer.ts'
import { mediaType } from './media-type.ts'

/** One range is answered with 206; several, and what is no range, with everything (RFC 9110, section 14.2). */
export function bytesAnswer(bytes: Buffer, name: string, range: string | undefined): Answer {
  const headers = {
    'Content-Type': mediaType(name),
    'Accept-Ranges': 'bytes',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  }
  const wanted = oneRange(range, bytes.length)
  if (!wanted) return { status: 200, headers, bytes }
  if (wanted === 'unsatisfiable')
    return { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` }, bytes: new Uint8Array() }
  const { start, end } = wanted
  const part = bytes.subarray(start, end)
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` },
    bytes: part,
  }
}
