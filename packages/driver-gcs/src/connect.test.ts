import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { collectBytes, parsePath } from '@filegate/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { faultyProxy } from './testing/faulty-proxy.ts'
import { connectTo } from './testing/gcs-harness.ts'
import { type SimulatedService, startSimulatedService } from './testing/simulated-service.ts'

let service: SimulatedService
const opened: { close(): Promise<unknown> }[] = []
beforeAll(async () => {
  service = await startSimulatedService()
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})
afterAll(() => service.close())

async function server(answer: RequestListener): Promise<string> {
  const listening = createServer(answer)
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  opened.push({
    async close() {
      listening.closeAllConnections()
      listening.close()
      await once(listening, 'close')
    },
  })
  const address = listening.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

const token = { access_token: 'any', project_number: '1' }
const oneTry = { retries: { attempts: 1 } }

describe('connecting', () => {
  it.each([
    [
      'a page',
      (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /does not answer as Google Cloud Storage/,
    ],
    [
      'a page that is missing',
      (_request, response) => void response.writeHead(404).end('<html>nothing here</html>'),
      /does not answer as Google Cloud Storage/,
    ],
    ...[400, 401, 403, 405].map((status): readonly [string, RequestListener, RegExp] => [
      `words of its own and ${status}`,
      (_request, response) => void response.writeHead(status).end('{}'),
      /does not answer as Google Cloud Storage/,
    ]),
    [
      'JSON of something else',
      (_request, response) => void response.end('{"items":"many"}'),
      /does not answer as Google Cloud Storage/,
    ],
    [
      'another address',
      (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /Check endpoint/,
    ],
    ['out of order', (_request, response) => void response.writeHead(503).end(), /could not be reached/],
  ] satisfies readonly (readonly [string, RequestListener, RegExp])[])(
    'to what answers with %s says so',
    async (_label, answer, problem) => {
      const endpoint = await server(answer)
      await expect(connectTo({ endpoint, ...token }, oneTry)).rejects.toThrow(problem)
      await expect(connectTo({ endpoint, access_token: 'any' }, oneTry)).rejects.toThrow(problem)
    },
  )

  it('to nothing says so', async () => {
    await expect(connectTo({ endpoint: 'http://127.0.0.1:1', ...token }, oneTry)).rejects.toThrow('nothing listens')
  })

  it.each(['', '/', '/storage/v1', '/storage/v1/'])('takes an endpoint that ends with %j', async (end) => {
    const driver = await connectTo({ ...service.options, endpoint: `${service.endpoint}${end}` })
    expect(driver.provider).toBe('google-cloud-storage')
    await driver.close?.()
  })

  it('goes on where the login may not list buckets', async () => {
    const warned: string[] = []
    const key = await service.tokens.addServiceAccount('stranger', { stranger: true })
    const options = {
      endpoint: service.endpoint,
      service_account_credentials: { ...key },
      project_number: '123456789012',
    }
    const log = { debug() {}, info() {}, warn: (message: string) => void warned.push(message) }
    const driver = await connectTo(options, { log })
    expect(warned).toEqual(['The service answers, but the login may not list buckets.'])
    await expect(driver.list(parsePath(''))).rejects.toMatchObject({ code: 'AccessDenied' })
    await driver.close?.()
  })

  it('tells of a missing bucket by its name', async () => {
    const driver = await connectTo({ ...service.options, endpoint: service.endpoint }, oneTry)
    const missing = { code: 'NotFound', message: "There is no bucket 'nowhere'." }
    await expect(driver.list(parsePath('nowhere'))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(driver.read(parsePath('nowhere/file'))).rejects.toMatchObject(missing)
    await expect(driver.stat(parsePath('nowhere/file'))).rejects.toMatchObject(missing)
    await driver.close?.()
  })
})

describe('a body that breaks', () => {
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, place) => (place * 7) % 251)

  it('is not taken up again where the object has been replaced meanwhile', async () => {
    await service.makeBucket('breaking')
    await service.put('breaking', 'file', bytes)
    const proxy = await faultyProxy(service.endpoint)
    opened.push(proxy)
    const driver = await connectTo({ ...service.options, endpoint: proxy.endpoint }, { retries: { firstDelay: 10 } })
    proxy.meddle('GET', /alt=media/, { kind: 'broken-body', after: 500_000 })
    const { body } = await driver.read(parsePath('breaking/file'))
    await service.put(
      'breaking',
      'file',
      bytes.map((byte) => byte + 1),
    )
    await expect(collectBytes(body)).rejects.toBeInstanceOf(Error)
    expect(proxy.seen.at(-1)?.url).toMatch(/ifGenerationMatch=\d+/)
    await driver.close?.()
  })

  it('that is abandoned leaves no connection behind', async () => {
    await service.put('breaking', 'other', bytes)
    const proxy = await faultyProxy(service.endpoint)
    opened.push(proxy)
    const driver = await connectTo({ ...service.options, endpoint: proxy.endpoint })
    const controller = new AbortController()
    const { body } = await driver.read(parsePath('breaking/other'), { signal: controller.signal })
    const reader = body.getReader()
    await reader.read()
    controller.abort()
    await expect(reader.read()).rejects.toMatchObject({ code: 'Aborted' })
    await expect.poll(() => proxy.control.open()).toBe(0)
    await driver.close?.()
  })
})
