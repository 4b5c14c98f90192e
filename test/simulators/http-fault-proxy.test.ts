import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addressOf } from './fault-proxy.ts'
import { type HttpFaultProxy, startHttpFaultProxy } from './http-fault-proxy.ts'

describe('the fault proxy for HTTP', () => {
  let upstream: Server
  let proxy: HttpFaultProxy

  beforeEach(async () => {
    upstream = createServer((request, response) => {
      const sent: Buffer[] = []
      request.on('data', (chunk: Buffer) => sent.push(chunk))
      request.on('end', () => {
        const content = `${request.headers.host} ${request.headers.range ?? '-'} ${Buffer.concat(sent).toString()}`
        response.writeHead(200, { 'content-length': Buffer.byteLength(content), 'x-kind': 'whole' }).end(content)
      })
    })
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    proxy = await startHttpFaultProxy(addressOf(upstream).port)
  })
  afterEach(async () => {
    await proxy.close()
    upstream.close()
  })

  const host = (): string => new URL(proxy.origin).host

  it('passes request and answer on as they are', async () => {
    const response = await fetch(`${proxy.origin}/a?b`, {
      method: 'PUT',
      body: 'sent',
      headers: { range: 'bytes=1-2' },
    })
    expect(response.headers.get('x-kind')).toBe('whole')
    expect(await response.text()).toBe(`${host()} bytes=1-2 sent`)
    expect(proxy.requests).toEqual(['PUT /a?b bytes=1-2'])
  })

  it('answers in place of the server so many times', async () => {
    proxy.add({ status: 503, retryAfter: '2' }, { status: 429 })
    const answers = []
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(proxy.origin)
      await response.arrayBuffer()
      answers.push([response.status, response.headers.get('retry-after')])
    }
    expect(answers).toEqual([
      [503, '2'],
      [429, null],
      [200, null],
    ])
  })

  it('breaks a body off, so that a client which counts notices', async () => {
    for (const ending of ['reset', 'end'] as const) {
      proxy.add({ after: 5, ending })
      const response = await fetch(proxy.origin)
      await expect(response.text()).rejects.toThrow('terminated')
    }
  })

  it('breaks off without a trace where the answer has no length', async () => {
    proxy.add({ unsized: true, after: 5, ending: 'end' })
    const response = await fetch(proxy.origin)
    expect(response.headers.has('content-length')).toBe(false)
    expect(await response.text()).toBe(host().slice(0, 5))
  })

  it('leaves what the plan is not for alone', async () => {
    proxy.only('GET /broken')
    proxy.always({ status: 500 })
    expect((await fetch(`${proxy.origin}/other`)).status).toBe(200)
    expect((await fetch(`${proxy.origin}/broken/1`)).status).toBe(500)
    expect(proxy.requests).toEqual(['GET /broken/1'])
  })

  it('hides the range, and does what is planned before it passes on', async () => {
    const order: string[] = []
    proxy.add({ ignoresRange: true, before: async () => order.push('before') })
    const response = await fetch(proxy.origin, { headers: { range: 'bytes=1-2' } })
    expect(await response.text()).toBe(`${host()} - `)
    expect(order).toEqual(['before'])
  })

  it('tells how often a client has left before the end', async () => {
    proxy.add({ after: 5, ending: 'end' }, {}, { after: 5, ending: 'hang' })
    await fetch(proxy.origin).then((response) => response.text().catch(() => undefined))
    await (await fetch(proxy.origin)).text()
    expect(proxy.abandoned).toBe(0)
    await (await fetch(proxy.origin)).body?.cancel()
    await expect.poll(() => proxy.abandoned).toBe(1)
  })
})
