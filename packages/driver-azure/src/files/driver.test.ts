import {
  collectBytes,
  type DriverWith,
  openDriver,
  type OptionalMethod,
  parsePath,
  requireMethods,
  root,
  type StorageDriver,
  streamBytes,
} from '@filegate/core'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { parseOptions } from '@filegate/core/options'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AzureFiles, startAzureFiles } from '../../../../test/simulators/azure-files/start-azure-files.ts'
import definition, { options } from './index.ts'
import { independentClient } from './testing/files-harness.ts'

const methods = ['write', 'remove', 'makeDirectory', 'copy', 'move', 'setModified', 'hash', 'about'] as const
type Driver = DriverWith<(typeof methods)[number] & OptionalMethod>

let azure: AzureFiles
let share = ''
let count = 0
const used: StorageDriver[] = []
beforeAll(async () => {
  azure = await startAzureFiles({ copyDelay: 2 })
})
beforeEach(async () => {
  share = `share-${(count += 1)}`
  await independentClient(azure).getShareClient(share).create()
})
afterAll(async () => {
  for (const driver of used) await driver.close?.()
  await azure.close()
})

async function open(options: Readonly<Record<string, unknown>> = {}, service = azure): Promise<Driver> {
  const { endpoint, account, key } = service
  const driver = await openDriver(
    definition,
    { endpoint, account, key, share_name: share, ...options },
    { retries: { attempts: 1 } },
  )
  used.push(driver)
  return requireMethods(driver, ...methods)
}

const bytes = (text: string) => streamBytes(new TextEncoder().encode(text))
const md5 = (content: Uint8Array | string): string => createHash('md5').update(content).digest('hex')
const textOf = async (driver: StorageDriver, path: string): Promise<string> =>
  new Response((await driver.read(parsePath(path))).body).text()
const namesIn = async (driver: StorageDriver, path = ''): Promise<string[]> =>
  (await driver.list(parsePath(path))).items.map(({ name }) => name).sort()
const vendorFile = (path: string) =>
  independentClient(azure).getShareClient(share).rootDirectoryClient.getFileClient(path)
/** What was asked for since, but for what connecting asks. */
const operations = (from: number): string[] => azure.requests.slice(from).map(({ operation }) => operation)

const large = new Uint8Array(50_000).map((_, place) => place % 251)
const time = Date.UTC(2021, 4, 6, 7, 8, 9, 123)

describe('a file that is written to Azure Files', () => {
  it('has its type, its time and its MD5 at the service', async () => {
    const driver = await open({ chunk_size: '4K', upload_concurrency: 3 })
    for (const [path, content] of [
      ['small.txt', new TextEncoder().encode('small')],
      ['large.txt', large],
      ['empty.txt', new Uint8Array()],
    ] as const) {
      const options = { size: content.length, modified: time, contentType: 'text/csv' }
      const entry = await driver.write(parsePath(path), { body: streamBytes(content), ...options })
      expect(entry).toMatchObject({ size: content.length, modified: time, contentType: 'text/csv' })
      expect(entry.hashes).toEqual({ md5: md5(content) })
      expect(await driver.stat(parsePath(path))).toEqual(entry)
      const stored = await vendorFile(path).getProperties()
      expect(stored.contentType).toBe('text/csv')
      expect(Buffer.from(stored.contentMD5 ?? []).toString('hex')).toBe(md5(content))
      expect(stored.fileLastWriteOn?.getTime()).toBe(time)
      expect((await vendorFile(path).downloadToBuffer()).equals(content)).toBe(true)
    }
  })

  it('takes three requests where it fits into one range', async () => {
    const driver = await open()
    const from = azure.requests.length
    await driver.write(parsePath('small.txt'), { body: bytes('small'), modified: time })
    expect(operations(from)).toEqual(['Create File', 'Put Range', 'Rename File'])
  })

  it('may be of unknown length, up to max_stream_size', async () => {
    const driver = await open({ chunk_size: '4K', max_stream_size: '50K' })
    const body = streamBytes(large)
    const entry = await driver.write(parsePath('unknown.bin'), { body, modified: time, contentType: 'text/csv' })
    expect(entry).toMatchObject({ size: 50_000, hashes: { md5: md5(large) } })
    expect(await driver.stat(parsePath('unknown.bin'))).toEqual(entry)
    const longer = streamBytes(new Uint8Array(60_000))
    await expect(driver.write(parsePath('longer.bin'), { body: longer })).rejects.toMatchObject({
      code: 'TooLarge',
      message: expect.stringContaining('max_stream_size'),
    })
    const announced = streamBytes(new Uint8Array(60_000))
    expect(await driver.write(parsePath('longer.bin'), { body: announced, size: 60_000 })).toMatchObject({
      size: 60_000,
    })
    expect(await namesIn(driver)).toEqual(['longer.bin', 'unknown.bin'])
  })

  it('is refused when it does not have the MD5 that was announced', async () => {
    const driver = await open({ chunk_size: '4K' })
    for (const content of [new TextEncoder().encode('small'), large]) {
      const hashes = { md5: md5('something else') }
      const writing = driver.write(parsePath('a.bin'), { body: streamBytes(content), hashes })
      await expect(writing).rejects.toMatchObject({ code: 'InvalidArgument' })
    }
    const left = await independentClient(azure)
      .getShareClient(share)
      .rootDirectoryClient.listFilesAndDirectories()
      .byPage()
      .next()
    expect(left.value.segment.fileItems).toEqual([])
  })

  it('arrives although the service is busy in between', async () => {
    const driver = await open({ chunk_size: '4K' })
    azure.refuse(1, { code: 'ServerBusy', operation: 'Put Range' })
    azure.refuse(1, { code: 'ServerBusy', operation: 'Rename File' })
    await driver.write(parsePath('busy.bin'), { body: streamBytes(large) })
    expect(await driver.hash(parsePath('busy.bin'), { algorithm: 'md5' })).toBe(md5(large))
  })

  it('is seen by nobody until it is complete, and goes with its directory', async () => {
    const driver = await open()
    const gate = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(new Uint8Array(5 * 1024 * 1024))
        await gate.promise
        controller.close()
      },
    })
    const from = azure.requests.length
    const writing = driver.write(parsePath('folder/late.bin'), { body })
    await expect.poll(() => operations(from)).toContain('Put Range')
    expect(await namesIn(driver, 'folder')).toEqual([])
    await driver.remove(parsePath('folder'))
    gate.resolve()
    await expect(writing).rejects.toMatchObject({ name: 'StorageError' })
    expect(await namesIn(driver)).toEqual([])
  })

  it('does not take the place of one that came first, where nothing may be there', async () => {
    const driver = await open()
    const gate = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await gate.promise
        controller.enqueue(new TextEncoder().encode('second'))
        controller.close()
      },
    })
    const conditions = { ifNoneMatch: ['*'] }
    // It may be refused at any time from now on.
    const second = driver.write(parsePath('one.txt'), { body, conditions }).catch((error: unknown) => error)
    await driver.write(parsePath('one.txt'), { body: bytes('first'), conditions })
    gate.resolve()
    expect(await second).toMatchObject({ code: 'PreconditionFailed' })
    expect(await textOf(driver, 'one.txt')).toBe('first')
  })

  it('lets go of a body that it does not take', async () => {
    const { endpoint, account, key } = azure
    const tokens = { saveToken: async () => {}, renewToken: async () => '' }
    const context = { fetch, connectSocket: () => Promise.reject(new Error('no socket')), ...tokens }
    const log = { debug() {}, info() {}, warn() {} }
    const given = parseOptions(options, { endpoint, account, key, share_name: share })
    const bare = requireMethods(await definition.connect(given, { ...context, log }), 'write')
    used.push(bare)
    const cancelled = vi.fn<() => void>()
    const body = new ReadableStream<Uint8Array>({ cancel: cancelled })
    const conditions = { ifMatch: ['"another"'] }
    await expect(bare.write(parsePath('a'), { body, conditions })).rejects.toMatchObject({ code: 'PreconditionFailed' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  it('replaces one that is marked as read-only, which can be neither removed nor changed otherwise', async () => {
    const driver = await open()
    const { FileSystemAttributes } = await import('@azure/storage-file-share')
    const fileAttributes = new FileSystemAttributes()
    fileAttributes.readonly = true
    await driver.write(parsePath('locked.txt'), { body: bytes('old') })
    await vendorFile('locked.txt').setProperties({ fileAttributes })
    await expect(driver.remove(parsePath('locked.txt'))).rejects.toMatchObject({ code: 'AccessDenied' })
    await driver.write(parsePath('locked.txt'), { body: bytes('new') })
    expect(await textOf(driver, 'locked.txt')).toBe('new')
  })
})

describe('names at Azure Files', () => {
  const awkward = ['a:b?.txt', 'tab\tstop', 'line\nbreak', 'back\\', '<|>*"', 'ends with a dot.', 'DEL\x7f', 'a：b']

  it('hold what the service forbids, by the encoding that other tools use too', async () => {
    const driver = await open()
    for (const name of awkward) await driver.write(parsePath(`names/${name}`), { body: bytes(name) })
    const shown = (await driver.list(parsePath('names'))).items
    for (const { path, name } of shown) expect(await textOf(driver, path), name).not.toBe('')
    expect((await Promise.all(awkward.map((name) => textOf(driver, `names/${name}`)))).sort()).toEqual(
      [...awkward].sort(),
    )
    const stored: string[] = []
    const directory = independentClient(azure).getShareClient(share).getDirectoryClient('names')
    for await (const { name } of directory.listFilesAndDirectories()) stored.push(name)
    expect(stored.sort()).toEqual(
      ['a：b？.txt', 'tab␉stop', 'line␊break', 'back＼', '＜｜＞＊＂', 'ends with a dot．', 'DEL␡', 'a‛：b'].sort(),
    )
  })

  it('come back as they are, whatever they are made of', async () => {
    const driver = await open()
    const devices = /^(?:con|prn|aux|nul|clock\$|com[1-9]|lpt[1-9])$/i
    const name = fc
      .oneof(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
        fc.string({ unit: fc.constantFrom(...Array.from("%+ .?#&=~'()2Ff：‛\\\n")), minLength: 1, maxLength: 12 }),
      )
      .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..' && !devices.test(text))
    let folder = 0
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        const entry = await driver.write(parsePath(`any/${(folder += 1)}/${text}`), { body: bytes(text) })
        expect(await namesIn(driver, `any/${folder}`)).toEqual([entry.name])
        expect(await textOf(driver, entry.path)).toBe(text)
        const moved = await driver.move(entry.path, { destination: parsePath(`moved/${folder}/${entry.name}`) })
        expect([moved.name, await textOf(driver, moved.path)]).toEqual([entry.name, text])
      }),
      { numRuns: 30 },
    )
  })

  it('are refused where an encoding leaves in them what the service forbids', async () => {
    const driver = await open({ encoding: 'Slash,Dot' })
    await driver.write(parsePath('what'), { body: bytes('x') })
    const destination = parsePath('what?x=y')
    await expect(driver.move(parsePath('what'), { destination })).rejects.toMatchObject({ code: 'InvalidPath' })
    await expect(driver.stat(parsePath('CON'))).rejects.toMatchObject({ code: 'InvalidPath' })
    const dotted = await driver.write(parsePath('kept.'), { body: bytes('dot') })
    expect([dotted.name, await textOf(driver, 'kept.')]).toEqual(['kept.', 'dot'])
    expect(await namesIn(driver)).toEqual(['kept.', 'what'])
  })

  it('can be changed in their case, without anything being lost', async () => {
    const driver = await open()
    await driver.write(parsePath('folder/a.txt'), { body: bytes('a') })
    const destination = parsePath('FOLDER')
    await driver.move(parsePath('folder'), { destination, overwrite: true })
    expect(await namesIn(driver)).toEqual(['FOLDER'])
    await driver.move(parsePath('FOLDER/a.txt'), { destination: parsePath('FOLDER/A.txt') })
    expect(await namesIn(driver, 'folder')).toEqual(['A.txt'])
    expect(await textOf(driver, 'folder/a.txt')).toBe('a')
    const into = driver.move(destination, { destination: parsePath('folder/inside') })
    await expect(into).rejects.toMatchObject({ code: 'InvalidArgument' })
    const onto = driver.copy(destination, { destination: parsePath('folder'), overwrite: true })
    await expect(onto).rejects.toMatchObject({ code: 'InvalidArgument' })
    expect(await textOf(driver, 'folder/a.txt')).toBe('a')
  })
})

describe('a copy inside Azure Files', () => {
  it('is waited for, and keeps type, time and MD5', async () => {
    const driver = await open()
    const options = { modified: time, contentType: 'text/csv' }
    const entry = await driver.write(parsePath('a.csv'), { body: bytes('a,b'), ...options })
    const from = azure.requests.length
    const copy = await driver.copy(parsePath('a.csv'), { destination: parsePath('new/b.csv') })
    expect(copy).toEqual({ ...entry, path: 'new/b.csv', name: 'b.csv', etag: expect.any(String) })
    expect(operations(from)).not.toContain('Put Range')
    expect(await namesIn(driver, 'new')).toEqual(['b.csv'])
  })

  it('that is aborted leaves nothing', async () => {
    const endless = await startAzureFiles({ shares: [share], copyDelay: Number.POSITIVE_INFINITY })
    const asked = (): string[] => endless.requests.map(({ operation }) => operation)
    try {
      const driver = await open({}, endless)
      await driver.write(parsePath('a.txt'), { body: bytes('a') })
      const controller = new AbortController()
      const { signal } = controller
      const copying = driver.copy(parsePath('a.txt'), { destination: parsePath('b.txt'), signal })
      const ended = copying.catch((error: unknown) => error)
      await expect.poll(asked).toContain('Copy File')
      controller.abort()
      expect(await ended).toMatchObject({ code: 'Aborted' })
      await expect.poll(asked).toContain('Delete File')
      expect(await namesIn(driver)).toEqual(['a.txt'])
    } finally {
      await endless.close()
    }
  })
})

describe('Azure Files', () => {
  it('is asked once for a file, once for a range, and twice for a range from its end', async () => {
    const driver = await open()
    await driver.write(parsePath('a.bin'), { body: streamBytes(large) })
    const read = async (range?: Parameters<StorageDriver['read']>[1]): Promise<string[]> => {
      const from = azure.requests.length
      await collectBytes((await driver.read(parsePath('a.bin'), range)).body)
      return operations(from)
    }
    expect(await read()).toEqual(['Get File'])
    expect(await read({ range: { start: 10, end: 20 }, conditions: { ifNoneMatch: ['"x"'] } })).toEqual(['Get File'])
    expect(await read({ range: { suffix: 5 } })).toEqual(['Get File Properties', 'Get File'])
  })

  it('tells times, sizes and etags of a page in one request', async () => {
    const driver = await open()
    for (const name of ['a', 'b', 'c']) await driver.write(parsePath(name), { body: bytes(name), modified: time })
    await driver.makeDirectory(parsePath('d'))
    const from = azure.requests.length
    const { items } = await driver.list(root)
    expect(items.filter(({ kind }) => kind === 'file')).toMatchObject(
      ['a', 'b', 'c'].map((name) => ({ name, size: 1, modified: time, etag: expect.stringMatching(/^".+"$/) })),
    )
    expect(operations(from)).toHaveLength(1)
  })

  it('keeps type and MD5 of a file whose time is changed, and the time of a directory', async () => {
    const driver = await open()
    await driver.write(parsePath('folder/a.csv'), { body: bytes('a,b'), contentType: 'text/csv' })
    const changed = await driver.setModified(parsePath('folder/a.csv'), { modified: time })
    expect(changed).toMatchObject({ modified: time, contentType: 'text/csv', hashes: { md5: md5('a,b') } })
    expect(await driver.setModified(parsePath('folder'), { modified: time })).toMatchObject({ modified: time })
    expect(await driver.stat(parsePath('folder'))).toMatchObject({ kind: 'directory', modified: time })
  })

  it('has no MD5 of a file that was stored without one', async () => {
    const driver = await open()
    await vendorFile('plain.bin').create(3)
    const hashing = driver.hash(parsePath('plain.bin'), { algorithm: 'md5' })
    await expect(hashing).rejects.toMatchObject({ code: 'Unsupported' })
    expect(await driver.stat(parsePath('plain.bin'))).not.toHaveProperty('contentType')
  })

  it('says how much room there is, and gives links that anybody can read for a while', async () => {
    const driver = requireMethods(await open(), 'about', 'publicLink', 'write')
    await driver.write(parsePath('a b+c%.txt'), { body: bytes('public') })
    const { total = 0, used: taken = 0, free } = await driver.about(root)
    expect(total).toBeGreaterThan(1024 ** 3)
    expect(free).toBe(total - taken)
    const link = await driver.publicLink(parsePath('a b+c%.txt'), { expiresIn: 60 })
    expect(await (await fetch(link)).text()).toBe('public')
    expect((await fetch(link, { method: 'DELETE' })).status).toBe(403)
    await expect(driver.publicLink(parsePath('nothing'))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(driver.publicLink(parsePath('a b+c%.txt'), { expiresIn: 0 })).rejects.toMatchObject({
      code: 'InvalidArgument',
    })
  })
})
