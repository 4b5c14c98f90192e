import { createHash } from 'node:crypto'
import { request as send } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PlainAnswer, signedHeaders, signedRequest } from './signed-request.ts'
import { type AzureFiles, startAzureFiles } from './start-azure-files.ts'

// What a client would have to do wrong on purpose; what clients do right, they test themselves.

let azure: AzureFiles
beforeEach(async () => {
  azure = await startAzureFiles({ shares: ['share'] })
})
afterEach(() => azure.close())

type Headers = Readonly<Record<string, string>>
const ask = (method: string, target: string, headers?: Headers, body?: string): Promise<PlainAnswer> =>
  signedRequest(azure, method, target, headers, body)
const create = (path: string, size: number, headers: Headers = {}) =>
  ask('PUT', `/share/${path}`, { 'x-ms-type': 'file', 'x-ms-content-length': String(size), ...headers })
const put = (path: string, start: number, text: string, headers: Headers = {}) => {
  const range = `bytes=${start}-${start + text.length - 1}`
  return ask('PUT', `/share/${path}?comp=range`, { 'x-ms-write': 'update', 'x-ms-range': range, ...headers }, text)
}
const read = (path: string, headers: Headers = {}) => ask('GET', `/share/${path}`, headers)
const code = ({ status, headers }: PlainAnswer) => [status, headers['x-ms-error-code']]

describe('putting a range', () => {
  it('checks the hash of what came', async () => {
    await create('file', 4)
    const hash = createHash('md5').update('text').digest('base64')
    expect((await put('file', 0, 'text', { 'content-md5': hash })).headers['content-md5']).toBe(hash)
    expect(code(await put('file', 0, 'tost', { 'content-md5': hash }))).toEqual([400, 'Md5Mismatch'])
    expect(code(await put('file', 0, 'tost', { 'content-md5': 'short' }))).toEqual([400, 'InvalidMd5'])
    expect((await read('file')).body).toBe('text')
  })

  it('stays inside the file and inside what it announces', async () => {
    await create('file', 4)
    expect(code(await put('file', 2, 'text'))).toEqual([416, 'InvalidRange'])
    expect(code(await put('file', 0, 'text', { 'x-ms-range': 'bytes=0-2' }))).toEqual([400, 'InvalidHeaderValue'])
    expect(code(await put('file', 0, 'text', { 'x-ms-range': 'bytes=0-' }))).toEqual([400, 'InvalidHeaderValue'])
    expect(code(await put('file', 0, 'text', { 'x-ms-range': '' }))).toEqual([400, 'MissingRequiredHeader'])
    expect(code(await put('file', 0, 'text', { 'x-ms-write': '' }))).toEqual([400, 'MissingRequiredHeader'])
  })

  it('needs a length', async () => {
    await create('file', 4)
    const chunked = { 'content-length': '', 'transfer-encoding': 'chunked' }
    expect(code(await put('file', 0, 'text', chunked))).toEqual([411, 'MissingContentLengthHeader'])
  })

  it('clears with nothing in its hands', async () => {
    await create('file', 4)
    await put('file', 0, 'text')
    const clear = (headers: Headers, body = '') =>
      ask('PUT', '/share/file?comp=range', { 'x-ms-write': 'clear', 'x-ms-range': 'bytes=1-2', ...headers }, body)
    expect(code(await clear({}, 'x'))).toEqual([400, 'InvalidHeaderValue'])
    expect(code(await clear({ 'content-md5': 'x' }))).toEqual([400, 'InvalidHeaderValue'])
    expect((await clear({})).status).toBe(201)
    expect((await read('file')).body).toBe('t\0\0t')
  })

  it('moves the time of the last write, unless told to leave it', async () => {
    const time = '2001-02-03T04:05:06.0000007Z'
    await create('file', 4, { 'x-ms-file-last-write-time': time })
    const kept = await put('file', 0, 'text', { 'x-ms-file-last-write-time': 'preserve' })
    expect(kept.headers['x-ms-file-last-write-time']).toBe(time)
    expect((await put('file', 0, 'text')).headers['x-ms-file-last-write-time']).not.toBe(time)
  })
})

describe('reading', () => {
  beforeEach(async () => {
    await create('file', 10, { 'x-ms-content-md5': createHash('md5').update('0123456789').digest('base64') })
    await put('file', 0, '0123456789')
  })

  it('gives a range, whose hash only when asked for, and the hash of the whole beside it', async () => {
    const whole = (await read('file')).headers['content-md5']
    const part = await read('file', { 'x-ms-range': 'bytes=2-4', 'x-ms-range-get-content-md5': 'true' })
    expect(part).toMatchObject({ status: 206, body: '234' })
    expect(part.headers).toMatchObject({
      'content-range': 'bytes 2-4/10',
      'content-md5': createHash('md5').update('234').digest('base64'),
      'x-ms-content-md5': whole,
    })
    const plain = await read('file', { range: 'bytes=8-' })
    expect(plain).toMatchObject({ status: 206, body: '89' })
    expect(plain.headers['content-md5']).toBeUndefined()
    expect((await read('file', { range: 'bytes=8-99' })).headers['content-range']).toBe('bytes 8-9/10')
  })

  it('gives no range behind the end, and no hash without a range', async () => {
    expect(code(await read('file', { range: 'bytes=10-' }))).toEqual([416, 'InvalidRange'])
    expect(code(await read('file', { 'x-ms-range-get-content-md5': 'true' }))).toEqual([400, 'InvalidHeaderValue'])
    await create('large', 5_000_000)
    const hashed = { range: 'bytes=0-4999999', 'x-ms-range-get-content-md5': 'true' }
    expect(code(await read('large', hashed))).toEqual([400, 'OutOfRangeInput'])
  })

  it('knows no conditions', async () => {
    expect(code(await read('file', { 'if-match': '*' }))).toEqual([400, 'ConditionHeadersNotSupported'])
  })
})

describe('renaming', () => {
  const rename = (from: string, to: string, restype = '') =>
    ask('PUT', `/share/${to}?comp=rename${restype}`, { 'x-ms-file-rename-source': `${azure.endpoint}/share/${from}` })

  it('changes the case of a name, keeps times and identifier', async () => {
    const { headers } = await create('file', 1, { 'x-ms-file-last-write-time': '2001-02-03T04:05:06Z' })
    const renamed = await rename('file', 'FILE')
    expect(renamed.status).toBe(200)
    for (const name of ['x-ms-file-id', 'x-ms-file-creation-time', 'x-ms-file-last-write-time'])
      expect(renamed.headers[name]).toBe(headers[name])
    expect((await ask('GET', '/share?restype=directory&comp=list')).body).toContain('<Name>FILE</Name>')
  })

  it('moves no directory into itself, replaces none, and stays in its share', async () => {
    await ask('PUT', '/share/dir?restype=directory')
    await ask('PUT', '/share/other?restype=directory')
    await ask('PUT', '/second?restype=share')
    const directory = '&restype=directory'
    expect(code(await rename('dir', 'dir/inside', directory))).toEqual([400, 'InvalidHeaderValue'])
    expect(code(await rename('dir', 'other', directory))).toEqual([409, 'ResourceAlreadyExists'])
    expect(code(await rename('missing', 'new', directory))).toEqual([404, 'ResourceNotFound'])
    const elsewhere = { 'x-ms-file-rename-source': `${azure.endpoint}/second/file` }
    expect(code(await ask('PUT', '/share/file?comp=rename', elsewhere))).toEqual([400, 'InvalidHeaderValue'])
  })

  it('needs the version that knows it', async () => {
    await create('file', 1)
    const headers = { 'x-ms-version': '2021-02-12', 'x-ms-file-rename-source': `${azure.endpoint}/share/file` }
    expect(code(await ask('PUT', '/share/new?comp=rename', headers))).toEqual([400, 'FeatureVersionMismatch'])
  })
})

describe('setting properties', () => {
  it('with a size alone leaves the others and is a write', async () => {
    const time = { 'x-ms-file-last-write-time': '2001-02-03T04:05:06Z' }
    await create('file', 3, { 'x-ms-content-type': 'text/plain', ...time })
    const set = (headers: Headers) => ask('PUT', '/share/file?comp=properties', headers)
    expect((await set({ 'x-ms-content-length': '5' })).headers['x-ms-file-last-write-time']).not.toMatch(/^2001/)
    expect((await ask('HEAD', '/share/file')).headers).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '5',
    })
    const both = await set({ 'x-ms-content-length': '6', 'x-ms-cache-control': 'no-store', ...time })
    expect(both.headers['x-ms-file-last-write-time']).toMatch(/^2001/)
    const { headers } = await ask('HEAD', '/share/file')
    expect(headers).toMatchObject({ 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
  })

  it('once had to say everything', async () => {
    await create('file', 3)
    const old = { 'x-ms-version': '2020-10-02', 'x-ms-content-length': '5' }
    expect(code(await ask('PUT', '/share/file?comp=properties', old))).toEqual([400, 'MissingRequiredHeader'])
  })
})

describe('what a copy is made to', () => {
  it('is written by nobody else until it has ended', async () => {
    const slow = await startAzureFiles({ shares: ['share'], copyDelay: 1 })
    try {
      const tell = (method: string, target: string, headers: Headers = {}) =>
        signedRequest(slow, method, target, headers)
      await tell('PUT', '/share/source', { 'x-ms-type': 'file', 'x-ms-content-length': '4' })
      const { headers } = await tell('PUT', '/share/copy', { 'x-ms-copy-source': `${slow.endpoint}/share/source` })
      expect(headers['x-ms-copy-status']).toBe('pending')
      expect(code(await tell('PUT', '/share/copy?comp=metadata'))).toEqual([409, 'PendingCopyOperation'])
      expect(code(await tell('DELETE', '/share/copy'))).toEqual([409, 'PendingCopyOperation'])
      expect((await tell('HEAD', '/share/copy')).headers['x-ms-copy-status']).toBe('success')
      expect((await tell('DELETE', '/share/copy')).status).toBe(202)
    } finally {
      await slow.close()
    }
  })

  it('takes metadata and times from the source where told so', async () => {
    const time = '2001-02-03T04:05:06.1234567Z'
    await create('source', 4, { 'x-ms-meta-colour': 'blue', 'x-ms-file-last-write-time': time })
    const source = { 'x-ms-copy-source': `${azure.endpoint}/share/source` }
    await ask('PUT', '/share/new', source)
    await ask('PUT', '/share/same', { ...source, 'x-ms-file-last-write-time': 'source' })
    expect((await ask('HEAD', '/share/new')).headers['x-ms-file-last-write-time']).not.toBe(time)
    expect((await ask('HEAD', '/share/same')).headers).toMatchObject({
      'x-ms-file-last-write-time': time,
      'x-ms-meta-colour': 'blue',
    })
    const other = { 'x-ms-copy-source': 'https://other.file.core.windows.net/share/file' }
    expect(code(await ask('PUT', '/share/new', other))).toEqual([403, 'CannotVerifyCopySource'])
  })
})

describe('what breaks off', () => {
  it('on its way in leaves the file as it was, and the service where it is', async () => {
    await create('file', 8)
    const range = { 'x-ms-write': 'update', 'x-ms-range': 'bytes=0-7', 'content-length': '8' }
    const { url, headers } = signedHeaders(azure, 'PUT', '/share/file?comp=range', range)
    const request = send(url, { method: 'PUT', headers })
    request.on('error', () => undefined)
    await new Promise((resolve) => request.write('text', resolve))
    request.destroy()
    expect((await read('file')).body).toBe('\0'.repeat(8))
  })

  it('on its way out costs nothing', async () => {
    await create('huge', 1024 ** 4)
    const { url, headers } = signedHeaders(azure, 'GET', '/share/huge')
    const request = send(url, { headers }).end()
    const length = await new Promise((resolve) =>
      request.once('response', (response) => resolve(response.headers['content-length'])),
    )
    request.destroy()
    expect(length).toBe(String(1024 ** 4))
    expect((await read('huge', { range: 'bytes=0-3' })).body).toBe('\0'.repeat(4))
  })
})
