import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import {
  baseName,
  type FileEntry,
  type ReadOptions,
  type ReadResult,
  streamBytes,
  StorageError,
  type StorageDriver,
  type StoragePath,
} from '@filegate/core'
import { addressOf } from '../simulators/fault-proxy.ts'

/** A server with one file under every path, with ranges and If-Match. */
export interface OneFile {
  readonly port: number
  content: Buffer
  close(): void
}

export async function serveOneFile(content: Buffer): Promise<OneFile> {
  const file = { content }
  const server = createServer((request, response) => {
    const etag = `"${createHash('md5').update(file.content).digest('hex')}"`
    const wanted = request.headers['if-match']
    if (wanted !== undefined && wanted !== etag) {
      response.writeHead(412, { 'content-length': '0' }).end()
      return
    }
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const start = Number(first)
    const end = last === '' ? file.content.length : Number(last) + 1
    const part = file.content.subarray(start, end)
    const range = `bytes ${start}-${start + part.length - 1}/${file.content.length}`
    const headers = { etag, 'content-length': part.length, ...(first !== '' && { 'content-range': range }) }
    response.writeHead(first === '' ? 200 : 206, headers).end(part)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return Object.assign(file, { port: addressOf(server).port, close })
}

/** The smallest driver there can be over HTTP: what it lacks, the layers around it have to bring. */
export function fetchDriver(origin: string): StorageDriver {
  async function read(path: StoragePath, options: ReadOptions = {}): Promise<ReadResult> {
    const { range, conditions, signal } = options
    const headers = new Headers()
    if (range && 'start' in range) headers.set('range', `bytes=${range.start}-${range.end ? range.end - 1 : ''}`)
    if (conditions?.ifMatch) headers.set('if-match', conditions.ifMatch.join())
    const response = await fetch(`${origin}/${path}`, { headers, ...(signal && { signal }) })
    if (!response.ok) {
      await response.body?.cancel()
      const { status, headers: answered } = response
      throw Object.assign(new Error(`The server answered ${status}.`), { status, headers: answered })
    }
    const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
    const length = total ?? response.headers.get('content-length')
    const entry: FileEntry = {
      kind: 'file',
      path,
      name: baseName(path),
      etag: response.headers.get('etag') ?? undefined,
      size: length === null ? undefined : Number(length),
    }
    const body = response.body ?? streamBytes(new Uint8Array())
    if (start === undefined || end === undefined) return { entry, body }
    return { entry, range: { start: Number(start), end: Number(end) + 1 }, body }
  }
  const refuse = (): Promise<never> => Promise.reject(new StorageError('Unsupported', 'Not this driver.'))
  return {
    provider: 'fetch',
    traits: { ranges: 'native', directories: 'implied', caseSensitive: true, hashes: [], conditions: ['ifMatch'] },
    stat: refuse,
    list: refuse,
    read,
  }
}
