import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectBytes, type DriverWith, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import gcs from '@filegate/driver-gcs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { family, freePorts, removeFolder } from './programs.ts'

/** A folder in which `npm install firebase-tools@15.34.2` was run. It has 270 MB, which is too much to bring along. */
const { FILEGATE_FIREBASE_TOOLS: tools = '' } = process.env
const isThere = existsSync(join(tools, 'node_modules/firebase-tools/package.json')) && tools !== ''
if (!isThere) {
  console.log(
    'Skipped: Google Cloud Storage on the emulator of firebase-tools, FILEGATE_FIREBASE_TOOLS names no folder with it',
  )
}

/** Copies, conditions, buckets and uploads in several requests are beyond this emulator. */
describe.skipIf(!isThere)('Google Cloud Storage on the emulator of firebase-tools', () => {
  let folder: string
  let programs: ReturnType<typeof family>
  let driver: DriverWith<'write' | 'remove' | 'hash' | 'walk'>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-firebase-'))
    const [port = 0] = await freePorts(1)
    programs = family(folder)
    const starter = fileURLToPath(new URL('./firebase-storage.mjs', import.meta.url))
    programs.begin('node', [starter, tools, String(port)])
    await programs.answering(`http://127.0.0.1:${port}/`, 300)
    const options = { anonymous: true, endpoint: `http://127.0.0.1:${port}` }
    driver = requireMethods(await openDriver(gcs, options), 'write', 'remove', 'hash', 'walk')
  })
  afterAll(async () => {
    await driver.close?.()
    await programs.end()
    await removeFolder(folder)
  })

  const names = ['plain.txt', 'hé llo#?.txt', 'a+b&c=d', '100% %2F', 'cafe\u0301 😀', '[brackets]; !']

  it('files are written, found, listed, read in part and removed', async () => {
    for (const name of names) {
      const path = parsePath(`bucket/some folder/${name}`)
      const bytes = Buffer.from(`content of ${name}`)
      const written = await driver.write(path, { body: streamBytes(bytes), modified: 1_600_000_000_500 })
      expect(written).toMatchObject({ size: bytes.length, modified: 1_600_000_000_500 })
      expect(await driver.stat(path)).toEqual(written)
      const { range, body } = await driver.read(path, { range: { start: 3, end: 9 } })
      expect([range, Buffer.from(await collectBytes(body))]).toEqual([{ start: 3, end: 9 }, bytes.subarray(3, 9)])
      expect(await driver.hash(path, { algorithm: 'md5' })).toBe(written.hashes?.md5)
    }
    const { items } = await driver.list(parsePath('bucket/some folder'))
    expect(items.map(({ name }) => name).sort()).toEqual([...names].sort())
    const walked = await driver.walk(parsePath('bucket'))
    expect(walked.items).toHaveLength(names.length + 1)
    for (const name of names) await driver.remove(parsePath(`bucket/some folder/${name}`))
    await expect(driver.stat(parsePath('bucket/some folder'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('an upload in chunks, which the emulator ends after the first, is not taken for whole', async () => {
    const body = streamBytes(new Uint8Array(9_000_000))
    await expect(driver.write(parsePath('bucket/large'), { body })).rejects.toMatchObject({ code: 'Unexpected' })
  })
})
