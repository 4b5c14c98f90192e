import { createHash } from 'node:crypto'
import type { Answer, Headers } from './answer.ts'
import { advanceCopy } from './copying.ts'
import { describeFile } from './file.ts'
import type { Scene } from './operations.ts'
import { largestRange } from './ranges.ts'
import { booleanHeader, rangeHeader } from './request.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { fileAt, type FileNode } from './tree.ts'

const pieceSize = 1_048_576

export function readFile({ share, path, request }: Scene): Answer {
  const file = fileAt(share, path)
  advanceCopy(file)
  const range = rangeHeader(request)
  const hashed = booleanHeader(request, 'x-ms-range-get-content-md5')
  if (range === undefined) {
    // A hash of a range needs a range.
    if (hashed) throw invalidHeader('x-ms-range-get-content-md5', 'true')
    return { status: 200, headers: describeFile(file), ...bodyOf(file, 0, file.content.size) }
  }
  const { size } = file.content
  if (range.start >= size) throw new ServiceError('InvalidRange', {}, { 'Content-Range': `bytes */${size}` })
  const end = Math.min(size, (range.last ?? size) + 1)
  const headers = rangeHeaders(file, range.start, end, hashed)
  return { status: 206, headers, ...bodyOf(file, range.start, end) }
}

function rangeHeaders(file: FileNode, start: number, end: number, hashed: boolean): Headers {
  if (hashed && end - start > largestRange) throw new ServiceError('OutOfRangeInput')
  const { 'Content-MD5': stored, ...described } = describeFile(file)
  return {
    ...described,
    'Content-Range': `bytes ${start}-${end - 1}/${file.content.size}`,
    // The hash of the whole file moves away to make room for that of the range.
    ...(stored !== undefined && { 'x-ms-content-md5': stored }),
    ...(hashed && { 'Content-MD5': createHash('md5').update(file.content.read(start, end)).digest('base64') }),
  }
}

/** The content as it is now, piece by piece; a file that is replaced meanwhile is read to its end. */
function bodyOf({ content }: FileNode, start: number, end: number): Required<Pick<Answer, 'body' | 'length'>> {
  function* pieces(): Generator<Buffer> {
    for (let at = start; at < end; at += pieceSize) yield content.read(at, Math.min(end, at + pieceSize))
  }
  return { length: end - start, body: pieces() }
}
