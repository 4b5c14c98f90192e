import { createHash } from 'node:crypto'
import { type Answer, encryptedAnswer, versionHeaders } from './answer.ts'
import { sourceFile } from './source.ts'
import { formatTime, now } from './file-time.ts'
import { checkWritable } from './lease.ts'
import type { Scene } from './operations.ts'
import { rangeHeader, readBody, requiredHeader, type ServiceRequest } from './request.ts'
import { invalidHeader, missingHeader, ServiceError } from './service-error.ts'
import { xmlAnswer } from './share.ts'
import { refuseReadOnly, timeOf } from './smb-properties.ts'
import { fileAt, type FileNode } from './tree.ts'
import { element } from './xml.ts'

export const largestRange = 4 * 1_048_576

interface WrittenRange {
  readonly start: number
  /** Before this. */
  readonly end: number
}

export async function putRange(scene: Scene): Promise<Answer> {
  const { share, path, request } = scene
  const mode = requiredHeader(request, 'x-ms-write').toLowerCase()
  const range = writtenRange(request)
  if (mode === 'clear') return clearRange(scene, range)
  if (mode !== 'update') throw invalidHeader('x-ms-write', mode)
  if (range.end - range.start > largestRange)
    throw new ServiceError('RequestBodyTooLarge', { MaxLimit: String(largestRange) })
  const copied = request.header('x-ms-copy-source') !== undefined
  const bytes = copied ? bytesOfSource(scene, range) : await bytesOfBody(request, range)
  const hash = createHash('md5').update(bytes).digest('base64')
  const expected = request.header('content-md5')
  if (!copied && expected !== undefined) checkHash(expected, hash)
  // The file may have gone while its bytes came.
  const file = writableFile(fileAt(share, path), request, range)
  file.content.write(range.start, bytes)
  return written(file, request, { 'Content-MD5': hash, ...encryptedAnswer })
}

function writtenRange(request: ServiceRequest): WrittenRange {
  const range = rangeHeader(request)
  if (range === undefined) throw missingHeader('x-ms-range')
  if (range.last === undefined) throw invalidHeader('x-ms-range', `bytes=${range.start}-`)
  return { start: range.start, end: range.last + 1 }
}

function writableFile(file: FileNode, request: ServiceRequest, range: WrittenRange): FileNode {
  checkWritable(file, request)
  refuseReadOnly(file)
  if (range.end > file.content.size) throw new ServiceError('InvalidRange')
  return file
}

async function bytesOfBody(request: ServiceRequest, { start, end }: WrittenRange): Promise<Buffer> {
  const bytes = await readBody(request, largestRange)
  if (bytes.length !== end - start) throw invalidHeader('Content-Length', String(bytes.length))
  return bytes
}

function bytesOfSource(scene: Scene, { start, end }: WrittenRange): Buffer {
  const { request } = scene
  const source = sourceFile(scene, requiredHeader(request, 'x-ms-copy-source'))
  const header = requiredHeader(request, 'x-ms-source-range')
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? []
  if (first === undefined || Number(last) + 1 - Number(first) !== end - start)
    throw invalidHeader('x-ms-source-range', header)
  if (Number(last) >= source.content.size) throw new ServiceError('InvalidRange')
  return source.content.read(Number(first), Number(last) + 1)
}

function checkHash(expected: string, computed: string): void {
  if (Buffer.from(expected, 'base64').length !== 16) throw new ServiceError('InvalidMd5')
  if (expected !== computed)
    throw new ServiceError('Md5Mismatch', { UserSpecifiedMd5: expected, ServerCalculatedMd5: computed })
}

function clearRange({ share, path, request }: Scene, range: WrittenRange): Answer {
  const length = request.header('content-length') ?? '0'
  if (length !== '0') throw invalidHeader('Content-Length', length)
  const hash = request.header('content-md5')
  if (hash !== undefined) throw invalidHeader('Content-MD5', hash)
  const file = writableFile(fileAt(share, path), request, range)
  file.content.clear(range.start, range.end)
  return written(file, request, {})
}

function written(file: FileNode, request: ServiceRequest, headers: Readonly<Record<string, string>>): Answer {
  const moment = now()
  const kept = request.header('x-ms-file-last-write-time')?.toLowerCase() === 'preserve'
  file.written = kept ? file.written : timeOf(request, 'x-ms-file-last-write-time', moment)
  file.modified = moment
  file.changed = moment
  const time = { 'x-ms-file-last-write-time': formatTime(file.written) }
  return { status: 201, headers: { ...versionHeaders(file), ...time, ...headers } }
}

export function listRanges({ share, path, request }: Scene): Answer {
  const file = fileAt(share, path)
  const asked = rangeHeader(request)
  const from = asked?.start ?? 0
  const to = asked?.last ?? Number.POSITIVE_INFINITY
  if (asked !== undefined && from >= file.content.size) throw new ServiceError('InvalidRange')
  const ranges = file.content.ranges().filter(([start, last]) => start <= to && last >= from)
  const elements = ranges.map(([start, last]) =>
    element('Range', [element('Start', Math.max(start, from)), element('End', Math.min(last, to))]),
  )
  const size = { 'x-ms-content-length': String(file.content.size) }
  return xmlAnswer(element('Ranges', elements), { ...versionHeaders(file), ...size })
}
