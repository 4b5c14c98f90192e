import { collectBytes, openDriver, parsePath, requireMethods, type StorageDriver, streamBytes } from '@filegate/core'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { selfSigned } from '../../../test/e2e/self-signed.ts'
import definition from './index.ts'
import { connectTo } from './testing/harness.ts'
import { startHttpProxy, startSocksProxy } from './testing/proxies.ts'
import { type FtpManners, type FtpServer, startFtpServer } from './testing/server.ts'

const used: { close?(): Promise<void> }[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const one of used.splice(0).reverse()) await one.close?.()
})

async function start(manners: Partial<FtpManners> = {}): Promise<FtpServer> {
  const server = await startFtpServer(manners)
  used.push(server)
  server.tree.seed('/folder/hello.txt', Buffer.from('Hello, world!'), Date.UTC(2021, 4, 6, 7, 8, 9))
  server.tree.seed('/folder/empty', Buffer.alloc(0))
  server.tree.seed('/large', Buffer.alloc(3_000_000, 'x'))
  return server
}

async function open(server: FtpServer, options: Readonly<Record<string, unknown>> = {}) {
  const driver = await connectTo(server.port, options, { retries: { attempts: 1 } })
  used.push(driver)
  return requireMethods(driver, 'write', 'remove')
}

const hello = parsePath('folder/hello.txt')
const large = parsePath('large')
const textOf = async (driver: StorageDriver, path: string): Promise<string> =>
  new Response((await driver.read(parsePath(path))).body).text()
/** What it rejects with, without anybody waiting yet. */
const problemOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const verbs = (server: FtpServer): Set<string> => new Set(server.commands.map((line) => line.split(' ')[0] ?? ''))

describe('options of FTP', () => {
  it.each([
    [{ tls: true, explicit_tls: true }, 'exclude each other'],
    [{ ask_password: true, pass: '' }, 'Give pass'],
    [{ user: 'u\r\nDELE x' }, 'user must not contain control characters'],
    [{ socks_proxy: 'h:1', http_proxy: 'http://h:1' }, 'exclude each other'],
    [{ http_proxy: 'https://h:1' }, 'http_proxy must be a URL'],
    [{ host: '' }, 'host'],
  ])('that make no sense are refused: %j', async (options, message) => {
    const connecting = openDriver(definition, { host: 'localhost', user: 'u', pass: 'pw', ...options })
    await expect(connecting).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining(message),
    })
  })

  it('say what is wrong: the password, the encryption, the port', async () => {
    const server = await start()
    await expect(open(server, { pass: 'wrong' })).rejects.toMatchObject({ code: 'Unauthenticated' })
    await expect(open(server, { explicit_tls: true })).rejects.toThrow('does not offer TLS')
    await expect(open(server, { tls: true })).rejects.toThrow('could not be encrypted')
    const { certificate, key } = selfSigned()
    const strict = await start({ tls: 'explicit', certificate, key })
    await expect(open(strict)).rejects.toThrow('insists on encryption')
    await expect(open(strict, { explicit_tls: true })).rejects.toThrow('not trusted')
    // Nobody is given this port by chance.
    const nowhere = connectTo(1, {}, { retries: { attempts: 1 } })
    await expect(nowhere).rejects.toThrow('No FTP server listens there')
  })

  it('disable_epsv and disable_mlsd leave those commands out', async () => {
    const server = await start()
    await textOf(await open(server), 'folder/hello.txt')
    for (const taken of ['EPSV', 'MLST']) expect(verbs(server)).toContain(taken)
    server.commands.length = 0
    const driver = await open(server, { disable_epsv: true, disable_mlsd: true })
    expect(await textOf(driver, 'folder/hello.txt')).toBe('Hello, world!')
    await driver.list(parsePath('folder'))
    for (const taken of ['PASV', 'LIST']) expect(verbs(server)).toContain(taken)
    for (const left of ['EPSV', 'MLST', 'MLSD']) expect(verbs(server)).not.toContain(left)
  })

  it('force_list_hidden shows what LIST hides', async () => {
    const server = await start({ facts: false })
    server.tree.seed('/folder/.hidden', Buffer.from('x'))
    const names = async (driver: StorageDriver) =>
      (await driver.list(parsePath('folder'))).items.map(({ name }) => name)
    expect(await names(await open(server))).toEqual(['empty', 'hello.txt'])
    expect(await names(await open(server, { force_list_hidden: true }))).toEqual(['.hidden', 'empty', 'hello.txt'])
  })

  it('writing_mdtm sets times where there is no MFMT', async () => {
    const server = await start({ facts: false })
    const modified = Date.UTC(2020, 1, 2, 3, 4, 5)
    expect('setModified' in (await open(server))).toBe(false)
    const driver = requireMethods(await open(server, { writing_mdtm: true }), 'setModified')
    expect(await driver.setModified(hello, { modified })).toMatchObject({ modified })
  })

  it('disable_utf8 takes names for Latin-1', async () => {
    const server = await start({ charset: 'latin1' })
    server.tree.seed('/umlaut/Käse.txt', Buffer.from('cheese'))
    const driver = await open(server, { disable_utf8: true })
    expect((await driver.list(parsePath('umlaut'))).items).toMatchObject([{ name: 'Käse.txt' }])
    expect(await textOf(driver, 'umlaut/Käse.txt')).toBe('cheese')
    await expect(driver.stat(parsePath('漢字'))).rejects.toMatchObject({ code: 'InvalidPath' })
  })

  it('concurrency bounds the connections, idle_timeout ends those that nobody uses', async () => {
    const server = await start()
    const driver = await open(server, { concurrency: 2, idle_timeout: 1 })
    let most = 0
    const reads = Array.from({ length: 10 }, async () => {
      const text = await textOf(driver, 'folder/hello.txt')
      most = Math.max(most, server.controls.size)
      return text
    })
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['Hello, world!']))
    expect(most).toBe(2)
    await expect.poll(() => server.controls.size).toBe(0)
  })

  it('concurrency of 1 is too few for a copy, which says so and does not wait for itself', async () => {
    const server = await start()
    const driver = await open(server, { concurrency: 1 })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { body } = await driver.read(large)
    const copying = problemOf(driver.write(parsePath('copy'), { body }))
    await vi.advanceTimersByTimeAsync(10_000)
    vi.useRealTimers()
    expect(await copying).toMatchObject({
      code: 'Throttled',
      fate: 'permanent',
      message: expect.stringContaining('Raise concurrency, as a copy inside the server takes two'),
    })
    expect(await textOf(driver, 'folder/hello.txt')).toBe('Hello, world!')
  })

  it('close_timeout and shut_timeout bound the wait for a server that confirms nothing', async () => {
    const server = await start({ silentAfterTransfer: true })
    const driver = await open(server, { close_timeout: 1, shut_timeout: 1 })
    expect(await textOf(driver, 'folder/hello.txt')).toBe('Hello, world!')
    await expect.poll(() => server.controls.size).toBe(0)
    const writing = driver.write(parsePath('new'), { body: streamBytes(Buffer.from('x')) })
    await expect(writing).rejects.toMatchObject({ code: 'TimedOut' })
  })
})

describe.each(['explicit', 'implicit'] as const)('FTP over %s TLS', (tls) => {
  const encrypted = { ...(tls === 'implicit' ? { tls: true } : { explicit_tls: true }), no_check_certificate: true }

  it('takes up the session of the control connection, and writes empty files', async () => {
    const { certificate, key } = selfSigned()
    const server = await start({ tls, certificate, key, reuse: true })
    const driver = await open(server, encrypted)
    expect(await textOf(driver, 'folder/hello.txt')).toBe('Hello, world!')
    expect(await textOf(driver, 'folder/empty')).toBe('')
    await driver.write(parsePath('new'), { body: streamBytes(new Uint8Array()) })
    expect(await driver.stat(parsePath('new'))).toMatchObject({ size: 0 })
    const forgetful = await open(server, { ...encrypted, tls_cache_size: 0 })
    await expect(textOf(forgetful, 'folder/hello.txt')).rejects.toMatchObject({ name: 'StorageError' })
  })
})

describe('an FTP server', () => {
  it('that says nothing is none: host, port or encryption are wrong', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined))
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const connecting = problemOf(connectTo(port))
    await once(silent, 'connection')
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(15_000)
    const sentence = `What answers at 127.0.0.1, port ${port}, does not greet as an FTP server.`
    expect(await connecting).toMatchObject({ message: expect.stringContaining(sentence) })
    silent.close()
  })

  it('tells the time of a file, by which reads can be had on condition', async () => {
    const server = await start()
    const driver = await open(server)
    const { modified = 0 } = await driver.stat(hello)
    const from = server.commands.length
    const read = (conditions: object) => driver.read(hello, { conditions })
    await expect(read({ ifModifiedSince: modified })).rejects.toMatchObject({ code: 'NotModified' })
    await expect(read({ ifUnmodifiedSince: modified - 1000 })).rejects.toMatchObject({ code: 'PreconditionFailed' })
    await expect(read({ ifMatch: ['"any"'] })).rejects.toMatchObject({ code: 'PreconditionFailed' })
    await expect(read({ ifNoneMatch: ['*'] })).rejects.toMatchObject({ code: 'NotModified' })
    expect(server.commands.slice(from).filter((line) => line.startsWith('RETR'))).toEqual([])
    const { body } = await read({ ifNoneMatch: ['"any"'] })
    expect(await new Response(body).text()).toBe('Hello, world!')
  })

  it('cannot lead data connections elsewhere with its answer to PASV', async () => {
    const server = await start({ epsv: false, passiveAddress: '10.9.8.7' })
    expect(await textOf(await open(server), 'folder/hello.txt')).toBe('Hello, world!')
  })

  it('may send its answers in pieces, and may know no REST', async () => {
    const server = await start({ dribbles: true, rest: false, facts: false })
    const driver = await open(server)
    expect(await driver.stat(large)).toMatchObject({ size: 3_000_000 })
    const { body } = await driver.read(hello, { range: { start: 7, end: 12 } })
    expect(Buffer.from(await collectBytes(body)).toString()).toBe('world')
  })

  it('keeps its connection after a whole file and a part near its end, and loses it after another part', async () => {
    const server = await start()
    const driver = await open(server, { concurrency: 1 })
    await textOf(driver, 'large')
    await collectBytes((await driver.read(hello, { range: { start: 0, end: 1 } })).body)
    await driver.stat(hello)
    expect(server.commands.filter((line) => line.startsWith('USER'))).toHaveLength(1)
    await collectBytes((await driver.read(large, { range: { start: 10, end: 20 } })).body)
    expect(await textOf(driver, 'folder/hello.txt')).toBe('Hello, world!')
    expect(server.commands.filter((line) => line.startsWith('USER'))).toHaveLength(2)
  })

  it('is never given a line break in a name', async () => {
    const server = await start()
    const driver = await open(server)
    for (const name of ['a\r\nDELE folder', 'a\nb', 'a\rb']) {
      await expect(driver.stat(parsePath(name))).rejects.toMatchObject({ code: 'InvalidPath' })
    }
    expect(verbs(server)).not.toContain('DELE')
  })

  it('keeps what a link leads to when the link is removed', async () => {
    for (const facts of [true, false]) {
      const server = await start({ facts })
      server.tree.put('/link', { kind: 'link', target: '/folder', modified: 0 })
      const driver = await open(server)
      expect(await driver.stat(parsePath('link'))).toMatchObject({ kind: 'directory' })
      await driver.remove(parsePath('link'))
      await expect(driver.stat(parsePath('link'))).rejects.toMatchObject({ code: 'NotFound' })
      expect(await textOf(driver, 'folder/hello.txt')).toBe('Hello, world!')
    }
  })
})

describe('a proxy before an FTP server', () => {
  it('is where all connections go, with the name of the server', async () => {
    const server = await start()
    const [socks, http] = [await startSocksProxy(), await startHttpProxy()]
    used.push(socks, http)
    const host = 'ftp.example'
    const behind = await open(server, { host, socks_proxy: `me:secret@127.0.0.1:${socks.port}` })
    expect(await textOf(behind, 'folder/hello.txt')).toBe('Hello, world!')
    expect(socks.targets[0]).toBe(`${host}:${server.port}`)
    expect(socks.targets).toHaveLength(2)
    const tunnelled = await open(server, { host, http_proxy: `http://127.0.0.1:${http.port}` })
    expect(await textOf(tunnelled, 'folder/hello.txt')).toBe('Hello, world!')
    expect(http.targets).toHaveLength(2)
    const wrong = open(server, { host, socks_proxy: `me:wrong@127.0.0.1:${socks.port}` })
    await expect(wrong).rejects.toMatchObject({ code: 'Unauthenticated' })
  })
})
