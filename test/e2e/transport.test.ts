import { readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Serving, serve } from './serving.ts'

const size = 24 * 1024 * 1024
const large = Buffer.alloc(size)
for (let offset = 0; offset < size; offset += 4) large.writeUInt32LE(offset, offset)

let system: Serving
let portable: Serving
beforeAll(async () => {
  const tree = { 'large.bin': large, 'medium.bin': large.subarray(0, 300_000), 'small.txt': 'small' }
  system = await serve(tree)
  portable = await serve(tree, { sendfile: false })
  // The system call is loaded in the background by the first large answer.
  await (await system.fetch('/large.bin')).arrayBuffer()
  await wait(200)
})
afterAll(() => Promise.all([system.stop(), portable.stop()]))

/** How many descriptors of this process stand on files of the served folder. */
function openFiles({ folder }: Serving): number {
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link.startsWith(folder)).length
}

const onLinux = process.platform === 'linux'

describe.each([
  ['sendfile', () => system],
  ['buffers', () => portable],
])('a large file sent through %s', (_name, server) => {
  it('arrives whole, also to many at once', async () => {
    const bodies = await Promise.all(
      Array.from({ length: 8 }, async () => Buffer.from(await (await server().fetch('/large.bin')).arrayBuffer())),
    )
    for (const body of bodies) expect(body.equals(large)).toBe(true)
  })

  it('arrives in ranges at any offset', async () => {
    for (const [start, end] of [
      [0, 1],
      [1, 300_001],
      [65_535, 9_000_000],
      [size - 400_000, size],
    ] as const) {
      const response = await server().fetch('/large.bin', { headers: { range: `bytes=${start}-${end - 1}` } })
      expect(Buffer.from(await response.arrayBuffer()).equals(large.subarray(start, end)), `${start}-${end}`).toBe(true)
    }
  })

  it('leaves the connection usable for the next requests, pipelined ones too', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server().origin).port), '127.0.0.1')
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
      socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')))
      const request = (path: string, connection: string): string =>
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`
      socket.write(
        request('/large.bin', 'keep-alive') + request('/small.txt', 'keep-alive') + request('/large.bin', 'close'),
      )
    })
    const heads = answer.match(/HTTP\/1\.1 200 OK/g)
    expect(heads).toHaveLength(3)
    expect(answer.length).toBeGreaterThan(2 * size)
    expect(answer.endsWith(large.subarray(-1000).toString('latin1'))).toBe(true)
  })

  it.runIf(onLinux)('closes the file when the client goes away, and when it is done', async () => {
    for (let round = 0; round < 10; round++) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${server().origin}/large.bin`, { agent: false }, resolve).on('error', reject)
      })
      response.once('data', () => response.destroy())
      await new Promise((resolve) => response.once('close', resolve))
    }
    await vi.waitFor(() => expect(openFiles(server())).toBe(0), { timeout: 10_000 })
  })

  it('that becomes shorter meanwhile breaks the connection instead of looking whole', async () => {
    const path = join(server().folder, 'shrinking.bin')
    writeFileSync(path, large)
    const outcome = await new Promise<string>((resolve, reject) => {
      get(`${server().origin}/shrinking.bin`, { agent: false }, (response) => {
        response.pause()
        truncateSync(path, 1000)
        response.resume()
        response.once('error', () => resolve('broken')).once('end', () => resolve('whole'))
      }).on('error', reject)
    })
    expect(outcome).toBe('broken')
  })

  it('does not keep others waiting while a slow client takes its time', async () => {
    const slow = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${server().origin}/large.bin`, { agent: false }, resolve).on('error', reject)
    })
    slow.pause()
    expect(await (await server().fetch('/small.txt')).text()).toBe('small')
    expect(Buffer.from(await (await server().fetch('/medium.bin')).arrayBuffer()).length).toBe(300_000)
    slow.destroy()
  })
})

describe('stopping the server', () => {
  it('lets a running download finish', async () => {
    const server = await serve({ 'large.bin': large })
    const keeping = new Agent({ keepAlive: true })
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${server.origin}/large.bin`, { agent: keeping }, resolve).on('error', reject)
    })
    response.pause()
    // Longer than the test may take: a kept connection must not hold the server up.
    const stopped = server.stop(240_000)
    let received = 0
    response.on('data', (chunk: Buffer) => (received += chunk.length)).resume()
    await new Promise((resolve) => response.once('end', resolve))
    expect(received).toBe(size)
    await stopped
    keeping.destroy()
  })
})
