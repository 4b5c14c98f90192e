import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from './start-drive.ts'
import { send } from './testing-client.ts'

const unit = 262_144

let service: SimulatedDrive

beforeEach(async () => {
  service = await startDrive()
})
afterEach(() => service.close())

async function begin(
  headers: Readonly<Record<string, string>> = {},
  metadata: object = { name: 'a' },
): Promise<string> {
  const answer = await send(service, '/upload/drive/v3/files?uploadType=resumable&fields=id,size,md5Checksum', {
    method: 'POST',
    body: JSON.stringify(metadata),
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  })
  expect(answer.status).toBe(200)
  return answer.headers.get('location') ?? ''
}

/** Without a token: the address is enough. */
const put = (location: string, range: string, body: Uint8Array<ArrayBuffer> = new Uint8Array()) =>
  send(service, location, { method: 'PUT', token: '', headers: { 'content-range': range }, body })

const kept = () => service.tree.named(service.user.root, 'a')[0]?.revisions.at(-1)?.bytes

describe('uploads in several requests', () => {
  it('go on where they were, tell how far they are, and answer with the file', async () => {
    const location = await begin({ 'x-upload-content-type': 'text/plain', 'x-upload-content-length': String(unit + 5) })
    expect(location).toMatch(/^https:\/\/www\.googleapis\.com\/upload\/drive\/v3\/files\?.*upload_id=/)
    const first = await put(location, `bytes 0-${unit - 1}/${unit + 5}`, new Uint8Array(unit).fill(1))
    expect([first.status, first.headers.get('range')]).toEqual([308, `bytes=0-${unit - 1}`])
    const asked = await put(location, `bytes */${unit + 5}`)
    expect([asked.status, asked.headers.get('range')]).toEqual([308, `bytes=0-${unit - 1}`])
    const done = await put(location, `bytes ${unit}-${unit + 4}/${unit + 5}`, new Uint8Array(5).fill(2))
    expect([done.status, done.json]).toEqual([
      200,
      { id: expect.any(String), size: String(unit + 5), md5Checksum: expect.any(String) },
    ])
    expect(kept()?.subarray(-6)).toEqual(Buffer.from([1, 2, 2, 2, 2, 2]))
    expect((await put(location, `bytes */${unit + 5}`)).json).toEqual(done.json)
  })

  it('may not know how long they get', async () => {
    const location = await begin()
    expect((await put(location, `bytes 0-${unit - 1}/*`, new Uint8Array(unit))).status).toBe(308)
    expect((await put(location, `bytes */${unit}`)).status).toBe(200)
    expect(kept()).toHaveLength(unit)
  })

  it('may be empty, or come whole', async () => {
    expect((await put(await begin(), 'bytes */0')).status).toBe(200)
    const whole = await send(service, await begin(), { method: 'PUT', token: '', body: 'whole' })
    expect([whole.status, whole.json]).toMatchObject([200, { size: '5' }])
  })

  it('have chunks of 256 KiB, without gaps, of the length that was said', async () => {
    const location = await begin()
    expect((await put(location, 'bytes 0-99/*', new Uint8Array(100))).status).toBe(400)
    expect((await put(location, `bytes 0-${unit}/*`, new Uint8Array(unit + 1))).status).toBe(400)
    expect((await put(location, `bytes ${unit}-${2 * unit - 1}/*`, new Uint8Array(unit))).status).toBe(503)
    expect((await put(location, 'bytes 0-9/10', new Uint8Array(9))).status).toBe(400)
    expect((await put(location, 'octets 0-9/10', new Uint8Array(10))).status).toBe(400)
    expect((await put(location, 'bytes 0-9/10', new Uint8Array(10))).status).toBe(200)
  })

  it('end after a week, and when they are cancelled', async () => {
    const location = await begin()
    service.tree.setClock(Date.now() + 8 * 24 * 3_600_000)
    expect((await put(location, 'bytes */*')).status).toBe(404)
    service.tree.setClock(undefined)
    expect((await send(service, location, { method: 'DELETE', token: '' })).status).toBe(499)
    expect((await put(location, 'bytes 0-9/10', new Uint8Array(10))).status).toBe(499)
  })

  it('keep what came of a request that broke', async () => {
    const location = await begin()
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        if (sent > 20) controller.error(new Error('broken'))
        else controller.enqueue(new Uint8Array(65_536))
      },
    })
    const headers = { 'content-range': `bytes 0-${8 * unit - 1}/${8 * unit}` }
    const broken = send(service, location, { method: 'PUT', token: '', headers, body })
    await expect(broken).rejects.toThrow('fetch failed')
    const { status, headers: answered } = await put(location, `bytes */${8 * unit}`)
    const [, last] = /^bytes=0-(\d+)$/.exec(answered.get('range') ?? 'bytes=0--1') ?? []
    expect(status).toBe(308)
    expect((Number(last ?? -1) + 1) % unit).toBe(0)
  })

  it('replace the bytes of a file, and leave its id', async () => {
    const { id } = service.add({ name: 'a', bytes: 'old' })
    const started = await send(service, `/upload/drive/v3/files/${id}?uploadType=resumable`, {
      method: 'PATCH',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    const location = started.headers.get('location') ?? ''
    expect((await put(location, 'bytes 0-2/3', new Uint8Array(Buffer.from('new')))).status).toBe(200)
    expect(service.tree.need(id).revisions.map(({ bytes }) => String(bytes))).toEqual(['old', 'new'])
  })

  it('are refused from the start when the place or the room is missing', async () => {
    const start = (metadata: object, headers: Readonly<Record<string, string>> = {}) =>
      send(service, '/upload/drive/v3/files?uploadType=resumable', {
        method: 'POST',
        body: JSON.stringify(metadata),
        headers: { 'content-type': 'application/json', ...headers },
      })
    expect((await start({ name: 'a', parents: ['gone'] })).status).toBe(404)
    service.add({ name: 'full', bytes: 'x'.repeat(10) })
    service.tree.setTotal(service.user.root, 10)
    expect((await start({ name: 'a' }, { 'x-upload-content-length': '1' })).status).toBe(403)
  })
})

describe('uploads in one request', () => {
  it('hold bytes alone, or their description before them', async () => {
    const media = await send(service, '/upload/drive/v3/files?uploadType=media', {
      method: 'POST',
      body: 'bytes',
      headers: { 'content-type': 'text/csv' },
    })
    expect(media.json).toMatchObject({ name: 'Untitled', mimeType: 'text/csv' })
    const body = [
      '--b',
      'Content-Type: application/json',
      '',
      '{"name":"a"}',
      '--b',
      'Content-Type: text/x',
      '',
      'x',
      '--b--',
    ]
    const sendParts = (lines: readonly string[], type: string) =>
      send(service, '/upload/drive/v3/files?uploadType=multipart', {
        method: 'POST',
        body: lines.join('\r\n'),
        headers: { 'content-type': type },
      })
    expect((await sendParts(body, 'multipart/related; boundary=b')).json).toMatchObject({
      name: 'a',
      mimeType: 'text/x',
    })
    expect(String(kept())).toBe('x')
    expect((await sendParts(body, 'multipart/form-data; boundary=b')).status).toBe(400)
    expect((await sendParts(body.slice(0, 4), 'multipart/related; boundary=b')).status).toBe(400)
    expect((await send(service, '/upload/drive/v3/files', { method: 'POST' })).json).toMatchObject({
      error: { errors: [{ reason: 'wrongUrlForUpload' }] },
    })
  })
})
