import type { Answer } from './answer.ts'
import { mediaType } from './media-type.ts'

/** One range is answered with 206; several, and what is no range, with everything (RFC 9110, section 14.2). */
export function bytesAnswer(bytes: Buffer, name: string, range: string | undefined): Answer {
  const headers = {
    'Content-Type': mediaType(name),
    'Accept-Ranges': 'bytes',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  }
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === '' && last === '') return { status: 200, headers, bytes }
  const start = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1)
  if (start > end || (first === '' && last === '0'))
    return { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` }, bytes: new Uint8Array() }
  const part = bytes.subarray(start, end + 1)
  return { status: 206, headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${bytes.length}` }, bytes: part }
}
