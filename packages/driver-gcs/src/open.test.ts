import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { gzipSync } from 'node:zlib'
import { collectBytes, parsePath, type StorageDriver } from '@filegate/core'
import { afterEach, describe, expect, it } from 'vitest'
import { connectTo } from './testing/gcs-harness.ts'

interface Service {
  /** Answers for the bytes of the object. */
  readonly media: (request: IncomingMessage, response: ServerResponse) => void
  /** Answers for its metadata; of one generation, where that was asked for. */
  readonly described: (generation: string | null, response: ServerResponse) => void
}

const resource = (generation: string, more: object = {}): string =>
  JSON.stringify({ name: 'file', generation, size: '7', metadata: { mtime: '2020-01-01T00:00:00Z' }, ...more })

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A driver for a service that has one object and answers as it is told to. */
async function driverFor({ media, described }: Service, http = new Agent()): Promise<StorageDriver> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://service')
    if (!pathname.includes('/o/')) response.end('{}')
    else if (searchParams.get('alt') === 'media') media(request, response)
    else described(searchParams.get('generation'), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const context = { retries: { attempts: 1 }, agents: { http, https: new HttpsAgent() } }
  const driver = await connectTo({ endpoint, access_token: 'any' }, context)
  closing.push(async () => {
    await driver.close?.()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return driver
}

const path = parsePath('bucket/file')
const textOf = async (driver: StorageDriver): Promise<string> =>
  Buffer.from(await collectBytes((await driver.read(path)).body)).toString()

describe('reading an object whose bytes and metadata come apart', () => {
  it('describes the bytes that came, should it have been replaced in between', async () => {
    const driver = await driverFor({
      media: (_request, response) => void response.setHeader('x-goog-generation', '2').end('content'),
      described: (generation, response) => void response.end(resource(generation ?? '1')),
    })
    expect((await driver.read(path)).entry.etag).toBe('"2"')
  })

  it('gives up where what the bytes were of is gone already', async () => {
    const driver = await driverFor({
      media: (_request, response) => void response.setHeader('x-goog-generation', '2').end('content'),
      described: (generation, response) =>
        void response.writeHead(generation === null ? 200 : 404).end(generation === null ? resource('1') : '{}'),
    })
    await expect(driver.read(path)).rejects.toMatchObject({ code: 'Unavailable' })
  })

  it('tells of bytes that broke off before the metadata came', async () => {
    const broken = Promise.withResolvers<void>()
    // The driver's side has to have seen the end of its connection before it gets the metadata.
    class WatchedAgent extends Agent {
      override createConnection(...args: Parameters<Agent['createConnection']>) {
        const socket = super.createConnection(...args)
        socket?.once('close', () => setImmediate(() => broken.resolve()))
        return socket
      }
    }
    const service: Service = {
      media(_request, response) {
        response.writeHead(200, { 'content-length': '7', 'x-goog-generation': '1' })
        response.write('con', () => response.destroy())
      },
      described: (_generation, response) => void broken.promise.then(() => response.end(resource('1'))),
    }
    const driver = await driverFor(service, new WatchedAgent({ keepAlive: true }))
    await expect(textOf(driver)).rejects.toMatchObject({ code: 'Unavailable' })
  })

  it('does without the bytes where the metadata is refused', async () => {
    const driver = await driverFor({
      media: (_request, response) => void response.end('content'),
      described: (_generation, response) => void response.writeHead(403).end('{}'),
    })
    await expect(driver.read(path)).rejects.toMatchObject({ code: 'AccessDenied' })
  })
})

describe('compression', () => {
  it('that a proxy put around an answer is taken off, as the object is not stored so', async () => {
    const driver = await driverFor({
      media(_request, response) {
        response.setHeader('content-encoding', 'gzip')
        response.end(gzipSync('content'))
      },
      described: (_generation, response) => void response.end(resource('1')),
    })
    expect(await textOf(driver)).toBe('content')
  })

  it('that an object is stored with stays', async () => {
    const packed = gzipSync('content')
    const driver = await driverFor({
      media: (_request, response) => void response.setHeader('content-encoding', 'gzip').end(packed),
      described: (_generation, response) =>
        void response.end(resource('1', { contentEncoding: 'gzip', size: String(packed.length) })),
    })
    const { body } = await driver.read(path)
    expect(Buffer.compare(await collectBytes(body), packed)).toBe(0)
  })
})
