import { createHash } from 'node:crypto'
import { memory, parsePath, type StorageDriver, StorageError, streamBytes } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { currentSource } from '../sources/current.ts'
import type { Source } from '../sources/source.ts'
import { createDigests } from './digests.ts'

const never = new AbortController().signal
const path = parsePath('file.txt')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const anHour = 3_600_000

interface Watched {
  readonly driver: StorageDriver
  readonly calls: string[]
  readonly source: () => Promise<Source>
}

/** A storage whose reads and digests are written down; `during` runs before each of them is answered. */
function watched(changes: Partial<StorageDriver> = {}, during = async (): Promise<void> => {}): Watched {
  const inner = memory({ 'file.txt': 'content' }, { now: () => Date.now() - anHour })
  delete inner.hash
  const calls: string[] = []
  const driver: StorageDriver = {
    ...inner,
    async read(place, options) {
      calls.push(options?.range ? 'look' : 'read')
      const result = await inner.read(place, options)
      if (!options?.range) await during()
      return result
    },
    ...changes,
  }
  return { driver, calls, source: async () => currentSource(driver, undefined, path, await driver.stat(path)) }
}

const change = (driver: StorageDriver, text: string) =>
  driver.write?.(path, { body: streamBytes(Buffer.from(text)), modified: Date.now() - anHour })

describe('the digests of files', () => {
  it('are computed once for each state of a file', async () => {
    const { driver, calls, source } = watched()
    const digests = createDigests()
    for (let round = 0; round < 3; round++) {
      expect(await digests.sha256(await source(), never)).toEqual({ sha256: sha256('content'), steady: true })
    }
    expect(calls.filter((call) => call === 'read')).toEqual(['read'])
    await change(driver, 'changed')
    expect((await digests.sha256(await source(), never)).sha256).toBe(sha256('changed'))
    expect(calls.filter((call) => call === 'read').length).toBe(2)
  })

  it('are computed once for all who ask at the same time', async () => {
    const { calls, source } = watched()
    const digests = createDigests()
    const file = await source()
    const all = await Promise.all(Array.from({ length: 20 }, () => digests.sha256(file, never)))
    expect(new Set(all.map((digest) => digest.sha256))).toEqual(new Set([sha256('content')]))
    expect(calls.filter((call) => call === 'read').length).toBe(1)
  })

  it('are not remembered for a file that changed while it was read', async () => {
    let changes = 0
    const storage = watched({}, async () => {
      if (changes++ === 0) await change(storage.driver, 'changed')
    })
    const digests = createDigests()
    const before = await storage.source()
    expect((await digests.sha256(before, never)).steady).toBe(false)
    await digests.sha256(before, never)
    expect(storage.calls.filter((call) => call === 'read').length).toBe(2)
  })

  it('are not remembered for a file written a moment ago, whose next change may go unnoticed', async () => {
    const { driver, calls, source } = watched()
    const now = Date.now()
    await driver.setModified?.(path, { modified: now - 50 })
    const digests = createDigests({ now: () => now })
    await digests.sha256(await source(), never)
    await digests.sha256(await source(), never)
    expect(calls.filter((call) => call === 'read').length).toBe(2)
  })

  it('are taken from the entry where the storage gave them for nothing', async () => {
    const { calls, source } = watched()
    const file = await source()
    const given = { ...file, entry: { ...file.entry, hashes: { sha256: 'f'.repeat(64) } } } as Source
    expect((await createDigests().sha256(given, never)).sha256).toBe('f'.repeat(64))
    expect(calls).toEqual([])
  })

  it('are computed by the storage where it can, and by reading where it cannot', async () => {
    const able = watched({ hash: async () => 'a'.repeat(64) })
    expect((await createDigests().sha256(await able.source(), never)).sha256).toBe('a'.repeat(64))
    expect(able.calls).toEqual(['look'])
    const unable = watched({
      hash: () => Promise.reject(new StorageError('Unsupported', 'Only MD5 here.')),
    })
    expect((await createDigests().sha256(await unable.source(), never)).sha256).toBe(sha256('content'))
    const broken = watched({ hash: () => Promise.reject(new StorageError('AccessDenied', 'No.')) })
    await expect(createDigests().sha256(await broken.source(), never)).rejects.toMatchObject({ code: 'AccessDenied' })
  })

  it('read no more than so many files at once, and stop for who leaves', async () => {
    const gate = Promise.withResolvers<void>()
    const storage = watched({}, () => gate.promise)
    const digests = createDigests({ concurrency: 2 })
    const files = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => ({ ...(await storage.source()), identity: name })),
    )
    const leaving = new AbortController()
    const [first, second, third] = files.map((file, place) =>
      digests.sha256(file, place === 2 ? leaving.signal : never),
    )
    await Promise.resolve()
    expect(storage.calls).toEqual(['read', 'read'])
    leaving.abort()
    await expect(third).rejects.toMatchObject({ code: 'Aborted' })
    gate.resolve()
    expect((await Promise.all([first, second])).map((digest) => digest?.steady)).toEqual([true, true])
    expect(storage.calls.filter((call) => call === 'read').length).toBe(2)
  })

  it('are refused for a folder', async () => {
    const { driver } = watched()
    const root = parsePath('')
    const source = currentSource(driver, undefined, root, await driver.stat(root))
    await expect(createDigests().sha256(source, never)).rejects.toMatchObject({ code: 'IsADirectory' })
  })
})
