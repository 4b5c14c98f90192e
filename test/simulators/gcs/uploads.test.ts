import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crc32c, writeCrc32c } from './crc32c.ts'
import { type GoogleCloudStorage, startGoogleCloudStorage } from './start-google-cloud-storage.ts'
import { type Reply, refusalOf, type Sent, testingClient } from './testing-client.ts'

const unit = 262_144
const upload = '/upload/storage/v1/b/one/o'
const bytes = (size: number): Buffer => Buffer.from(Uint8Array.from({ length: size }, (_, place) => place % 251))
const md5 = (content: Buffer): string => createHash('md5').update(content).digest('base64')

describe('uploads to the storage simulator', () => {
  let storage: GoogleCloudStorage
  let call: ReturnType<typeof testingClient>

  beforeEach(async () => {
    storage = await startGoogleCloudStorage()
    call = testingClient(storage.endpoint)
    storage.addBucket({ name: 'one' })
  })
  afterEach(() => storage.close())

  const stored = (name: string): Buffer => Buffer.concat(storage.find('one', name)?.content.pieces ?? [])

  /** @returns the address of the session */
  async function start(sent: Sent = {}): Promise<string> {
    const reply = await call('POST', upload, { ...sent, query: { uploadType: 'resumable', name: 'a', ...sent.query } })
    expect(reply.status).toBe(200)
    return reply.headers.get('location') ?? ''
  }
  const send = (
    session: string,
    range: string | undefined,
    body: Buffer = Buffer.alloc(0),
    headers: Sent['headers'] = {},
  ) => call('PUT', session, { body, headers: { ...headers, ...(range !== undefined && { 'content-range': range }) } })
  const progress = ({ status, headers }: Reply): string => `${status} ${headers.get('range') ?? '-'}`

  describe('in one request', () => {
    const multipart = (parts: readonly string[], boundary = 'b', end = '--'): Sent => ({
      query: { uploadType: 'multipart' },
      headers: { 'content-type': `multipart/related; boundary="${boundary}"` },
      body: `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}${end}\r\n`,
    })
    const described = (metadata: unknown): string => `Content-Type: application/json\r\n\r\n${JSON.stringify(metadata)}`
    const media = 'Content-Type: text/plain\r\n\r\nhello\r\n\r\nworld'

    it('take the metadata from the first part and the bytes from the second', async () => {
      const { json } = await call('POST', upload, multipart([described({ name: 'é/a', metadata: { k: 'v' } }), media]))
      expect(json).toMatchObject({ name: 'é/a', contentType: 'text/plain', metadata: { k: 'v' }, size: '14' })
      expect(stored('é/a').toString()).toBe('hello\r\n\r\nworld')
    })

    it('are refused when they are no two whole parts', async () => {
      const refused = async (sent: Sent) => refusalOf(await call('POST', upload, sent))
      expect(await refused(multipart([described({ name: 'a' })]))).toBe('400 invalid')
      expect(await refused(multipart([described({ name: 'a' }), media, media]))).toBe('400 invalid')
      expect(await refused(multipart([media, media]))).toBe('400 badContent')
      expect(await refused(multipart([described({ name: 'a' }), media], 'b', ''))).toBe('400 badContent')
      expect(await refused(multipart([described({}), media]))).toBe('400 required')
      expect(await refused({ query: { uploadType: 'multipart' }, body: 'x' })).toBe('400 badContent')
      expect(await refused({ query: { name: 'a' }, body: 'x' })).toBe('400 wrongUrlForUpload')
      expect(refusalOf(await call('POST', '/storage/v1/b/one/o', { query: { name: 'a' } }))).toBe(
        '400 wrongUrlForUpload',
      )
      expect(stored('a')).toHaveLength(0)
    })

    it('are compared with every checksum that the client names', async () => {
      const content = bytes(1000)
      const sums = { md5Hash: md5(content), crc32c: writeCrc32c(crc32c(content)) }
      const put = async (headers: Record<string, string>) =>
        refusalOf(await call('POST', upload, { query: { uploadType: 'media', name: 'a' }, headers, body: content }))
      expect(await put({ 'x-goog-hash': `crc32c=${sums.crc32c},md5=${sums.md5Hash}` })).toBe('200')
      expect(await put({ 'x-goog-hash': `crc32c=AAAAAA==` })).toBe('400 invalid')
      expect(await put({ 'content-md5': md5(Buffer.from('other')) })).toBe('400 invalid')
      const described5 = (sum: object): Sent =>
        multipart([described({ name: 'b', ...sum }), `Content-Type: x/y\r\n\r\nabc`])
      expect(refusalOf(await call('POST', upload, described5({ md5Hash: md5(Buffer.from('abc')) })))).toBe('200')
      expect(refusalOf(await call('POST', upload, described5({ crc32c: 'AAAAAA==' })))).toBe('400 invalid')
    })

    it('are refused for names that no object has', async () => {
      const put = async (name: string) =>
        refusalOf(await call('POST', upload, { query: { uploadType: 'media', name }, body: 'x' }))
      expect(await put('é'.repeat(512))).toBe('200')
      expect(await put(`${'é'.repeat(512)}x`)).toBe('400 invalid')
      for (const name of ['a\nb', 'a\rb', '.', '..', '.well-known/acme-challenge/x'])
        expect(await put(name)).toBe('400 invalid')
      expect(await put('')).toBe('400 required')
    })
  })

  describe('in sessions', () => {
    it('go on in chunks, tell how far they are, and end with the object', async () => {
      const content = bytes(2 * unit + 1000)
      const session = await start({ json: { contentType: 'x/y', md5Hash: md5(content) } })
      expect(progress(await send(session, 'bytes */*'))).toBe('308 -')
      expect(progress(await send(session, `bytes 0-${unit - 1}/*`, content.subarray(0, unit)))).toBe(
        `308 bytes=0-${unit - 1}`,
      )
      expect(progress(await send(session, 'bytes */*'))).toBe(`308 bytes=0-${unit - 1}`)
      const second = content.subarray(unit, 2 * unit)
      expect(progress(await send(session, `bytes ${unit}-${2 * unit - 1}/*`, second))).toBe(
        `308 bytes=0-${2 * unit - 1}`,
      )
      const last = await send(
        session,
        `bytes ${2 * unit}-${content.length - 1}/${content.length}`,
        content.subarray(2 * unit),
      )
      expect(last.json).toMatchObject({
        name: 'a',
        size: String(content.length),
        contentType: 'x/y',
        md5Hash: md5(content),
      })
      expect(stored('a').equals(content)).toBe(true)
      expect((await send(session, `bytes */${content.length}`)).json).toEqual(last.json)
    })

    it('may come whole, without saying how long they are', async () => {
      for (const [place, range] of [undefined, 'bytes 0-*/*', 'bytes 0-*/1000', 'bytes 0-999/1000'].entries()) {
        const session = await start({ query: { name: `a${place}` } })
        expect(refusalOf(await send(session, range, bytes(1000)))).toBe('200')
        expect(stored(`a${place}`).equals(bytes(1000))).toBe(true)
      }
    })

    it('may have no bytes', async () => {
      expect((await send(await start(), 'bytes */0')).json).toMatchObject({
        size: '0',
        md5Hash: '1B2M2Y8AsgTpgAmY7PhCfg==',
      })
      expect((await send(await start(), undefined)).json).toMatchObject({ size: '0' })
    })

    it('answer a client that takes 308 for a redirection in another way', async () => {
      const session = await start()
      const reply = await send(session, `bytes 0-${unit - 1}/*`, bytes(unit), { 'x-guploader-no-308': 'yes' })
      expect([progress(reply), reply.headers.get('x-http-status-code-override')]).toEqual([
        `200 bytes=0-${unit - 1}`,
        '308',
      ])
    })

    it('keep multiples of 256 KiB only, unless it is the end', async () => {
      const session = await start()
      const content = bytes(2 * unit)
      const small = await send(session, 'bytes 0-499/*', content.subarray(0, 500))
      expect([small.status, small.text]).toEqual([400, expect.stringContaining('equal or greater than 262144')])
      const odd = await send(session, `bytes 0-${unit + 99}/*`, content.subarray(0, unit + 100))
      expect(progress(odd)).toBe(`308 bytes=0-${unit - 1}`)
      // Bytes that are there already are passed over.
      const rest = await send(session, `bytes ${unit - 10}-${2 * unit - 1}/${2 * unit}`, content.subarray(unit - 10))
      expect(rest.status).toBe(200)
      expect(stored('a').equals(content)).toBe(true)
    })

    it('refuse chunks that do not fit', async () => {
      const session = await start({ headers: { 'x-upload-content-length': String(2 * unit) } })
      const refused = async (range: string, size = unit) => (await send(session, range, bytes(size))).status
      expect(await refused(`bytes ${unit}-${2 * unit - 1}/${2 * unit}`)).toBe(503)
      expect(await refused(`bytes 0-${unit}/${2 * unit}`)).toBe(400)
      expect(await refused(`bytes 0-${unit - 1}/${3 * unit}`)).toBe(400)
      expect(await refused('bytes=0-5', 6)).toBe(400)
      expect(await refused('bytes 5-4/10', 0)).toBe(400)
      expect(progress(await send(session, 'bytes */*'))).toBe('308 -')
    })

    it('are gone once they are cancelled, or when there never were any', async () => {
      const session = await start()
      expect((await call('DELETE', session)).status).toBe(499)
      expect((await send(session, 'bytes */*')).status).toBe(499)
      const unknown = await send(`${storage.endpoint}${upload}?uploadType=resumable&upload_id=x`, 'bytes */*')
      expect(refusalOf(unknown)).toBe('404 notFound')
      expect(storage.find('one', 'a')).toBeUndefined()
    })

    it('check preconditions when they begin and when they end', async () => {
      const query = { ifGenerationMatch: '0' }
      const session = await start({ query })
      await call('POST', upload, { query: { uploadType: 'media', name: 'a' }, body: 'other' })
      expect(refusalOf(await send(session, undefined, bytes(10)))).toBe('412 conditionNotMet')
      expect(stored('a').toString()).toBe('other')
      const late = await call('POST', upload, { query: { ...query, uploadType: 'resumable', name: 'a' } })
      expect(refusalOf(late)).toBe('412 conditionNotMet')
    })

    it('refuse bytes that are not what was announced', async () => {
      const wrong = await start({ json: { md5Hash: md5(bytes(5)) } })
      expect(refusalOf(await send(wrong, undefined, bytes(6)))).toBe('400 invalid')
      expect(refusalOf(await send(wrong, undefined, bytes(5)))).toBe('410 gone')
      const late = await start()
      expect(refusalOf(await send(late, undefined, bytes(6), { 'x-goog-hash': 'crc32c=AAAAAA==' }))).toBe('400 invalid')
      expect(storage.find('one', 'a')).toBeUndefined()
    })

    it('keep what came before a connection broke', async () => {
      const session = await start()
      const content = bytes(2 * unit)
      await new Promise<void>((resolve) => {
        const sending = request(session, { method: 'PUT', headers: { 'content-range': `bytes 0-${2 * unit - 1}/*` } })
        sending.on('error', () => resolve())
        sending.write(content.subarray(0, unit + 5000), () => sending.destroy(new Error('broken')))
      })
      // The other side learns of it in its own time.
      await expect.poll(async () => progress(await send(session, 'bytes */*'))).toBe(`308 bytes=0-${unit - 1}`)
      await send(session, `bytes ${unit}-${2 * unit - 1}/${2 * unit}`, content.subarray(unit))
      expect(stored('a').equals(content)).toBe(true)
    })
  })
})
