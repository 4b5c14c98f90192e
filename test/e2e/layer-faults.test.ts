import { createHash, randomBytes } from 'node:crypto'
import { assemble, type Assembly, collectBytes, parsePath, type ReadOptions, type StorageDriver } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HttpFault, type HttpFaultProxy, isLate, startHttpFaultProxy } from '../simulators/http-fault-proxy.ts'
import { type FaultProxy, startFaultProxy } from '../simulators/fault-proxy.ts'
import { fetchDriver, type OneFile, serveOneFile } from './fetch-driver.ts'

const content = randomBytes(1_000_000)
const path = parsePath('file.bin')
const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const retries: Assembly['retries'] = { firstDelay: 5, longestDelay: 20 }
/** For what never comes. A busy machine takes as long for what does come, so nothing else is asked in such a hurry. */
const inHurry: Assembly = { limits: { quick: 150, idle: 150 }, retries }

async function readAll(driver: StorageDriver, options?: ReadOptions): Promise<Buffer> {
  const { body } = await driver.read(path, options)
  return Buffer.from(await collectBytes(body))
}

describe('a read through the layers, over a connection with faults', () => {
  let file: OneFile
  let proxy: HttpFaultProxy
  let driver: StorageDriver

  beforeAll(async () => {
    file = await serveOneFile(content)
  })
  afterAll(() => file.close())
  beforeEach(async () => {
    file.content = content
    proxy = await startHttpFaultProxy(file.port)
    driver = assemble(fetchDriver(proxy.origin), { retries })
  })
  afterEach(() => proxy.close())

  /** What reads while answers have these faults. */
  const through = (...faults: readonly HttpFault[]): StorageDriver =>
    faults.some(isLate) ? assemble(fetchDriver(proxy.origin), inHurry) : driver

  const passing: Readonly<Record<string, readonly HttpFault[]>> = {
    'is reset in the middle': [{ after: 300_000 }],
    'is closed in the middle': [{ after: 300_000, ending: 'end' }],
    'is cut after its head': [{ after: 0 }],
    'stops in the middle': [{ after: 300_000, ending: 'hang' }],
    'is slow to begin': [{ delay: 250 }],
    'is cut five times over': Array.from({ length: 5 }, () => ({ after: 150_000 })),
    'is refused with 503 and Retry-After': [{ status: 503, retryAfter: '0' }],
    'is refused with 429 and cut after that': [{ status: 429, retryAfter: '0' }, { after: 10 }, { status: 503 }],
    'is cut and then finds no way to be resumed for a while': [{ after: 10 }, { status: 500 }, { status: 429 }],
    'loses its length, and is closed, when it is resumed': [{ after: 10 }, { unsized: true, after: 10, ending: 'end' }],
  }
  for (const [name, faults] of Object.entries(passing)) {
    it(`delivers every byte when it ${name}`, async () => {
      proxy.add(...faults)
      expect(sum(await readAll(through(...faults)))).toBe(sum(content))
    })
    it(`delivers every byte of a range when it ${name}`, async () => {
      proxy.add(...faults)
      const range = { start: 1000, end: 950_000 }
      expect(sum(await readAll(through(...faults), { range }))).toBe(sum(content.subarray(1000, 950_000)))
    })
  }

  it('is resumed at the very byte at which it broke', async () => {
    proxy.add({ after: 300_000, ending: 'end' })
    await readAll(driver)
    expect(proxy.requests).toEqual(['GET /file.bin', 'GET /file.bin bytes=300000-999999'])
  })

  const failing: Readonly<Record<string, readonly [HttpFault, string]>> = {
    'is refused with 503': [{ status: 503 }, 'Unavailable'],
    'is refused with 429': [{ status: 429 }, 'Throttled'],
    'is to come back later than anyone waits': [{ status: 503, retryAfter: '3600' }, 'Unavailable'],
    'never begins': [{ after: 0, ending: 'hang', delay: 1 }, 'TimedOut'],
    'is cut before its first byte': [{ after: 0 }, 'Unavailable'],
  }
  for (const [name, [fault, code]] of Object.entries(failing)) {
    it(`fails with ${code} when it always ${name}`, async () => {
      proxy.always(fault)
      await expect(readAll(through(fault))).rejects.toMatchObject({ code, fate: 'persistent' })
    })
    it(`fails with ${code} when it ${name} once it has begun`, async () => {
      proxy.add({ after: 1000 })
      proxy.always(fault)
      await expect(readAll(through(fault))).rejects.toMatchObject({ code, fate: 'persistent' })
    })
  }

  it('fails when the file changes before it is resumed', async () => {
    proxy.add({ after: 1000 }, { before: async () => (file.content = randomBytes(1_000_000)) })
    await expect(readAll(driver)).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('fails when the rest cannot be asked for by range', async () => {
    proxy.add({ after: 1000 }, { ignoresRange: true })
    await expect(readAll(driver)).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('is let go when its reader leaves, also while it is resumed', async () => {
    const begun = Promise.withResolvers<void>()
    proxy.add({ after: 1000, ending: 'hang' }, { after: 1000, until: begun.promise }, { after: 0, ending: 'hang' })
    for (const tries of [1, 3]) {
      const { body } = await driver.read(path)
      const reader = body.getReader()
      await reader.read()
      if (tries > 1) begun.resolve()
      const next = reader.read()
      await expect.poll(() => proxy.requests.length).toBe(tries)
      await reader.cancel()
      expect(await next).toEqual({ done: true, value: undefined })
    }
    await expect.poll(() => proxy.abandoned).toBe(2)
  })
})

describe('a read through the layers, where connections are', () => {
  let file: OneFile
  let proxy: FaultProxy
  let driver: StorageDriver
  const through = (assembly: Assembly): StorageDriver =>
    assemble(fetchDriver(`http://127.0.0.1:${proxy.port}`), assembly)

  beforeEach(async () => {
    file = await serveOneFile(content)
    proxy = await startFaultProxy(file.port)
    driver = through({ retries })
  })
  afterEach(async () => {
    await proxy.close()
    file.close()
  })

  it('refused fails with Unavailable', async () => {
    await proxy.refuse()
    await expect(readAll(driver)).rejects.toMatchObject({ code: 'Unavailable', fate: 'persistent' })
  })
  it('refused for a while delivers every byte', async () => {
    await proxy.refuse()
    const reading = readAll(through({ retries: { firstDelay: 100 } }))
    await proxy.accept()
    expect(sum(await reading)).toBe(sum(content))
  })
  it('accepted and never answered fails with TimedOut', async () => {
    proxy.always({ after: 0, ending: 'hang' })
    await expect(readAll(through(inHurry))).rejects.toMatchObject({ code: 'TimedOut', fate: 'persistent' })
  })
  it('broken at any byte of the answer, head included, delivers every byte', async () => {
    for (const after of [1, 20, 150, 5000, 400_000]) {
      proxy.add({ after }, { after, ending: 'end' })
      expect(sum(await readAll(driver))).toBe(sum(content))
    }
  })
  it('throttled but moving delivers every byte, however long it takes', async () => {
    proxy.always({ throttle: 4_000_000 })
    expect(sum(await readAll(through(inHurry)))).toBe(sum(content))
  })
})
