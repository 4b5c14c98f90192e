import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { holdPort } from '../simulators/held-port.ts'
import { killStarted, start } from './command-line.ts'

let base: string | undefined
let disk: string | undefined
afterEach(async () => {
  await killStarted()
  if (disk !== undefined) spawnSync('umount', [disk])
  disk = undefined
  if (base !== undefined) rmSync(base, { recursive: true, force: true })
})

function stage() {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-crash-')))
  const folder = join(base, 'served')
  mkdirSync(folder)
  writeFileSync(join(folder, 'old.txt'), 'old')
  const flags = ['-A', '--bind', '127.0.0.1', '--data-dir', join(base, 'data')]
  const serve = (...more: string[]) =>
    start([folder, ...flags, ...(more.includes('--port') ? [] : ['--port', '0']), ...more])
  return { folder, serve }
}

/** Sends a request and the first half of its body, and waits until the server has taken something of it. */
async function halfSent(address: string, request: string) {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  const size = 2 << 20
  socket.on('error', () => {})
  socket.write(
    `${request} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${size}\r\nExpect: 100-continue\r\n\r\n`,
  )
  await once(socket, 'data')
  await new Promise((resolve) => socket.write(Buffer.alloc(size / 2, 'new'), resolve))
  return { socket, rest: Buffer.alloc(size / 2, 'new') }
}

describe('a server that is killed', () => {
  it('in the middle of uploads leaves the old files, and nothing else after the next start', async () => {
    const { folder, serve } = stage()
    const server = await serve()
    const address = server.addresses[0] ?? ''
    expect((await fetch(`${address}/done.txt`, { method: 'PUT', body: 'done' })).status).toBe(201)
    for (const path of ['/old.txt', '/new.txt', '/deep/er/new.txt']) await halfSent(address, `PUT ${path}`)
    await expect.poll(() => readdirSync(folder).filter((name) => name.endsWith('.part')).length).toBe(2)
    server.process.kill('SIGKILL')
    await server.ended
    const again = await serve()
    const listing = await fetch(`${again.addresses[0] ?? ''}/?simple`)
    expect(await listing.text()).toBe('deep/\ndone.txt\nold.txt\n')
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
      'deep',
      'deep/er',
      'done.txt',
      'old.txt',
    ])
    expect(readFileSync(join(folder, 'old.txt'), 'utf8')).toBe('old')
  })

  it('again and again while it stores, has every file that it answered for, whole', async () => {
    const { folder, serve } = stage()
    const stored = new Map<string, string>()
    for (let life = 0; life < 4; life++) {
      const server = await serve()
      const address = server.addresses[0] ?? ''
      let number = 0
      const store = async (): Promise<void> => {
        for (;;) {
          const name = `${life}-${number++ % 40}.txt`
          const text = `${name} ${number} `.repeat(500)
          const { status } = await fetch(`${address}/${name}`, { method: 'PUT', body: text })
          if (status === 201) stored.set(name, text)
        }
      }
      const storing = [store(), store(), store()].map((work) => work.catch(() => undefined))
      await expect.poll(() => number, { timeout: 60_000 }).toBeGreaterThan(50 + 25 * life)
      server.process.kill('SIGKILL')
      await Promise.all([server.ended, ...storing])
    }
    await serve()
    const names = readdirSync(folder)
    expect(names.filter((name) => name.startsWith('.'))).toEqual([])
    for (const name of names) {
      const text = readFileSync(join(folder, name), 'utf8')
      // Every file is one of the bodies from its first byte to its last.
      expect(text, name).toBe(name === 'old.txt' ? 'old' : text.slice(0, text.length / 500).repeat(500))
    }
    expect([...stored.keys()].filter((name) => !names.includes(name))).toEqual([])
  })
})

describe('with several workers', () => {
  it('one path has one writer, whichever worker it comes to, and who dies lets go', async () => {
    const { folder, serve } = stage()
    // Chosen beforehand: where all workers die, those after them would listen on another one.
    const { port, release } = await holdPort()
    onTestFinished(release)
    const server = await serve('--workers', '2', '--port', String(port))
    const address = server.addresses[0] ?? ''
    const put = async (signal?: AbortSignal): Promise<number> =>
      (await fetch(`${address}/old.txt`, { method: 'PUT', body: 'other', ...(signal && { signal }) })).status
    const upload = await halfSent(address, 'PUT /old.txt')
    const statuses: number[] = []
    for (let time = 0; time < 8; time++) statuses.push(await put())
    expect(new Set(statuses)).toEqual(new Set([423]))
    upload.socket.write(upload.rest)
    await once(upload.socket, 'data')
    expect(readFileSync(join(folder, 'old.txt'))).toHaveLength(2 << 20)

    await halfSent(address, 'PUT /old.txt')
    expect(await put()).toBe(423)
    const workers = spawnSync('pgrep', ['-P', String(server.process.pid)], { encoding: 'utf8' })
    for (const worker of workers.stdout.split('\n').filter(Boolean)) process.kill(Number(worker), 'SIGKILL')
    // What waits for a worker while there is none gets no answer.
    const tried = (): Promise<number> => put(AbortSignal.timeout(2000)).catch(() => 0)
    await expect.poll(tried, { timeout: 30_000 }).toBe(201)
    expect(readdirSync(folder)).toEqual(['old.txt'])
  })
})

/** A disk of 1 MiB at the folder, until the test and its servers have ended. */
function mountSmallDisk(folder: string, skip: (reason: string) => void): void {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status !== 0) {
    const reason = 'a small disk can be mounted by root only'
    console.log(`Skipped: uploads to a disk without room, ${reason}`)
    skip(reason)
  }
  disk = folder
}

describe('a disk without room', () => {
  it('is 507, and leaves the old file', async ({ skip }) => {
    const { folder, serve } = stage()
    mountSmallDisk(folder, skip)
    writeFileSync(join(folder, 'old.txt'), 'old')
    const server = await serve()
    const put = await fetch(`${server.addresses[0] ?? ''}/old.txt`, { method: 'PUT', body: Buffer.alloc(3 << 20) })
    expect([put.status, await put.json()]).toEqual([507, expect.objectContaining({ code: 'NO_SPACE' })])
    expect(readdirSync(folder)).toEqual(['old.txt'])
    expect(readFileSync(join(folder, 'old.txt'), 'utf8')).toBe('old')
  })

  it('takes nothing into the trash, says what to do, and lets be deleted for good', async ({ skip }) => {
    const { folder, serve } = stage()
    mountSmallDisk(folder, skip)
    writeFileSync(join(folder, 'old.txt'), Buffer.alloc((1 << 20) - 4096))
    writeFileSync(join(folder, 'rest'), Buffer.alloc(4096))
    const server = await serve('--trash')
    const remove = async (path: string) => {
      const response = await fetch(`${server.addresses[0] ?? ''}${path}`, { method: 'DELETE' })
      return [response.status, await response.text()]
    }
    expect(await remove('/old.txt')).toEqual([507, expect.stringContaining('?permanent')])
    expect(readdirSync(folder)).toContain('old.txt')
    expect(await remove('/old.txt?permanent')).toEqual([204, ''])
    expect(readdirSync(folder)).not.toContain('old.txt')
    expect(await remove('/rest')).toEqual([204, ''])
  })

  it('that cannot be written to at all is 403, with a trash too', async ({ skip }) => {
    const { folder, serve } = stage()
    mountSmallDisk(folder, skip)
    writeFileSync(join(folder, 'stays'), '')
    expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0)
    const server = await serve('--trash')
    for (const method of ['PUT', 'DELETE']) {
      const response = await fetch(`${server.addresses[0] ?? ''}/stays`, { method })
      expect([method, response.status, await response.text()]).toEqual([
        method,
        403,
        expect.stringContaining('read-only'),
      ])
    }
    expect(readdirSync(folder)).toEqual(['stays'])
  })
})
