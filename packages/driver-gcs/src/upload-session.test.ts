import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parsePath, requireMethods } from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { connectTo } from './testing/gcs-harness.ts'

const kibibytes256 = 262_144
const content = Uint8Array.from({ length: 16 * 1_048_576 + 777 }, (_, place) => (place * 13 + (place >> 9)) % 253)

/** What a service does with one request of a session. `keeps`: how many bytes of it, in steps of 256 KiB; default all. */
interface Turn {
  readonly keeps?: number
  /** It keeps them, but says so to nobody. */
  readonly silent?: boolean
  /** It says 308 although all is there. */
  readonly hesitates?: boolean
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A service that keeps of uploads what its turns say, and then all. */
async function sessionService(turns: readonly Turn[]) {
  const left = [...turns]
  const ranges: string[] = []
  let kept = Buffer.alloc(0)

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    const range = String(request.headers['content-range'])
    ranges.push(range)
    const [, from, total = ''] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(range) ?? []
    const turn = from === undefined ? {} : (left.shift() ?? {})
    if (from !== undefined && Number(from) === kept.length) {
      const body = Buffer.concat(chunks)
      kept = Buffer.concat([kept, body.subarray(0, turn.keeps === undefined ? body.length : turn.keeps * kibibytes256)])
    }
    if (turn.silent) return void response.destroy()
    if (kept.length === Number(total) && !turn.hesitates) {
      return void response.end(JSON.stringify({ name: 'file', generation: '1', size: String(kept.length) }))
    }
    response.writeHead(308, kept.length > 0 ? { range: `bytes=0-${kept.length - 1}` } : {}).end()
  }

  const server = createServer((request, response) => {
    const { method, url = '' } = request
    if (method === 'PUT') void take(request, response)
    else if (url.includes('uploadType=resumable')) response.setHeader('location', '/session').end()
    else response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const options = { endpoint, access_token: 'any', no_check_bucket: true }
  const driver = requireMethods(await connectTo(options, { retries: { attempts: 1 } }), 'write')
  closing.push(async () => {
    await driver.close?.()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const body = new Response(content).body
  if (!body) throw new Error('There is no body.')
  const write = () => driver.write(parsePath('bucket/file'), { body, size: content.length })
  return { write, ranges, kept: () => kept }
}

describe('an upload in chunks', () => {
  it.each<readonly [string, readonly Turn[]]>([
    ['keeps all', []],
    ['keeps a part of a chunk', [{ keeps: 5 }, {}, { keeps: 1 }]],
    ['keeps little each time', [{ keeps: 10 }, { keeps: 10 }, { keeps: 10 }]],
    ['keeps a part and goes silent', [{ keeps: 7, silent: true }]],
    ['keeps nothing and goes silent', [{ keeps: 0, silent: true }]],
    ['keeps a chunk and goes silent', [{ silent: true }]],
    ['goes silent at the end', [{}, {}, { silent: true }]],
    ['hesitates at the end', [{}, {}, { hesitates: true }]],
  ])('arrives byte for byte at a service that %s', async (_label, turns) => {
    const { write, kept, ranges } = await sessionService(turns)
    expect(await write()).toMatchObject({ size: content.length })
    expect(Buffer.compare(kept(), content)).toBe(0)
    expect(ranges.length).toBeGreaterThanOrEqual(3)
  })

  it('ends at a service that takes no more', async () => {
    const { write, ranges } = await sessionService(Array.from({ length: 50 }, () => ({ keeps: 0 })))
    await expect(write()).rejects.toMatchObject({ code: 'Unavailable' })
    expect(ranges.length).toBeLessThan(10)
  })
})
