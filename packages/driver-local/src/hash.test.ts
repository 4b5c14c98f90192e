import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePath, StorageError } from '@filegate/core'
import { afterAll, describe, expect, it } from 'vitest'
import { openLocalDriver } from './driver.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const folder = temporaryFolder()
const driver = openLocalDriver({ root: folder, followsSymlinks: false })
/** Bytes, of which the disk holds none: no thread is through with so many while another stands still. */
const endless = 1_000_000_000_000
afterAll(() => driver.close())

/** The descriptors that are open on `name`. */
function openOn(name: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === join(folder, name)
    } catch {
      // The descriptor that read the directory itself is gone by now.
      return false
    }
  }).length
}

describe('the digest of a local file', () => {
  it.each([0, 1, 262_144, 262_145, 1_048_576, 2_097_152, 5_000_001])('of %i bytes is right', async (size) => {
    const bytes = Buffer.alloc(size, 'filegate')
    writeFileSync(join(folder, `${size}`), bytes)
    for (const algorithm of ['sha256', 'sha1', 'md5'] as const) {
      const digest = createHash(algorithm).update(bytes).digest('hex')
      expect(await driver.hash(parsePath(`${size}`), { algorithm })).toBe(digest)
    }
  })

  it('of many files at once are all right, and leave nothing open', async () => {
    const sizes = Array.from({ length: 12 }, (_, index) => 300_000 + index)
    for (const size of sizes) writeFileSync(join(folder, `many-${size}`), Buffer.alloc(size, 'x'))
    const digests = await Promise.all(
      sizes.map((size) => driver.hash(parsePath(`many-${size}`), { algorithm: 'sha256' })),
    )
    expect(digests).toEqual(sizes.map((size) => createHash('sha256').update('x'.repeat(size)).digest('hex')))
    expect(sizes.map((size) => openOn(`many-${size}`))).toEqual(sizes.map(() => 0))
  })

  it('is given up when aborted, at any moment, and the file is closed', async () => {
    writeFileSync(join(folder, 'long'), '')
    truncateSync(join(folder, 'long'), endless)
    const first = new AbortController()
    const second = new AbortController()
    const running = [first, second, first, second, first, second].map(({ signal }) =>
      driver.hash(parsePath('long'), { algorithm: 'sha256', signal }),
    )
    const settled = Promise.allSettled(running)
    expect(openOn('long')).toBe(running.length)
    first.abort()
    setImmediate(() => second.abort())
    for (const result of await settled) {
      expect(result.status === 'rejected' && StorageError.is(result.reason, 'Aborted')).toBe(true)
    }
    expect(openOn('long')).toBe(0)
    expect(await driver.hash(parsePath('1'), { algorithm: 'md5' })).toHaveLength(32)
  })

  it('is no digest at all when the file becomes shorter meanwhile', async () => {
    writeFileSync(join(folder, 'shrinking'), '')
    truncateSync(join(folder, 'shrinking'), endless)
    const hashing = driver.hash(parsePath('shrinking'), { algorithm: 'sha256' })
    truncateSync(join(folder, 'shrinking'), 500_000)
    await expect(hashing).rejects.toSatisfy((error) => StorageError.is(error, 'Conflict'))
  })

  it('is refused after the driver was closed', async () => {
    const other = openLocalDriver({ root: folder, followsSymlinks: false })
    const running = other.hash(parsePath('long'), { algorithm: 'sha256' })
    const settled = Promise.allSettled([running])
    await other.close()
    for (const result of [
      ...(await settled),
      ...(await Promise.allSettled([other.hash(parsePath('long'), { algorithm: 'md5' })])),
    ]) {
      expect(result.status === 'rejected' && StorageError.is(result.reason, 'Unavailable')).toBe(true)
    }
    expect(openOn('long')).toBe(0)
  })
})
