import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DriverWith, type Entry, openDriver, parsePath, requireMethods } from '@filegate/core'
import gcs from '@filegate/driver-gcs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type SimulatedService,
  startSimulatedService,
} from '../../packages/driver-gcs/src/testing/simulated-service.ts'
import { awkwardNames } from './awkward-names.ts'
import { type BesideRclone, entriesOf, itSharesNames, listed } from './beside-rclone.ts'
import { largeContent } from './large-content.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: Google Cloud Storage beside rclone, ${reason}`)

/** As a file can be called on disk. */
const names: readonly string[] = [...awkwardNames, '‛．']

const mebibyte = 1_048_576
const large = 100 * mebibyte + 12_345

function md5Of(chunks: Iterable<Uint8Array>): string {
  const md5 = createHash('md5')
  for (const chunk of chunks) md5.update(chunk)
  return md5.digest('hex')
}

describe.skipIf(reason !== undefined)('Google Cloud Storage, shared with rclone', () => {
  let service: SimulatedService
  let folder: string
  let driver: DriverWith<'write' | 'hash' | 'makeDirectory' | 'copy' | 'setModified'>

  const rclone = (...args: readonly string[]): Promise<string> => {
    const settings = {
      ...service.options,
      type: 'google cloud storage',
      endpoint: `${service.endpoint}/storage/v1/`,
    }
    const variables = Object.entries(settings).map(([name, value]) => [
      `RCLONE_CONFIG_GCS_${name.toUpperCase()}`,
      value,
    ])
    return run(
      'rclone',
      ['--config', join(folder, 'none.conf'), '--retries', '1', ...args],
      Object.fromEntries(variables),
    )
  }
  const shared: BesideRclone = {
    driver: () => driver,
    rclone,
    remote: 'gcs',
    folder: () => folder,
    names,
    takesBytes: false,
  }
  const entries = (path: string): Promise<readonly Entry[]> => entriesOf(shared, path)
  const namesOf = async (path: string): Promise<string[]> => (await entries(path)).map(({ name }) => name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-gcs-rclone-'))
    service = await startSimulatedService()
    driver = requireMethods(
      await openDriver(gcs, { ...service.options, endpoint: service.endpoint, directory_markers: true }),
      'write',
      'hash',
      'makeDirectory',
      'copy',
      'setModified',
    )
  })
  afterAll(async () => {
    await driver.close?.()
    await service.close()
    await rm(folder, { recursive: true })
  })

  itSharesNames(shared)

  it('a file of 100 MB that rclone wrote in chunks is read here, with its hash', async () => {
    const file = join(folder, 'large')
    await pipeline(Readable.from(largeContent(large)), createWriteStream(file))
    await rclone('copyto', file, 'gcs:rclone-bucket/large')
    const path = parsePath('rclone-bucket/large')
    const { entry, body } = await driver.read(path)
    expect(entry).toMatchObject({ size: large, hashes: { md5: md5Of(largeContent(large)) } })
    const read = createHash('md5')
    for await (const chunk of body) read.update(chunk)
    expect(read.digest('hex')).toBe(md5Of(largeContent(large)))
  })

  it('a file of 100 MB that was written here in chunks is read by rclone, with its hash', async () => {
    const md5 = md5Of(largeContent(large))
    const path = parsePath('filegate-bucket/large')
    const entry = await driver.write(path, {
      body: ReadableStream.from(largeContent(large)),
      modified: 1_600_000_000_500,
      hashes: { md5 },
    })
    expect(entry).toMatchObject({ size: large, hashes: { md5 } })
    expect(await rclone('md5sum', 'gcs:filegate-bucket/large')).toContain(md5)
    expect(await rclone('md5sum', '--download', 'gcs:filegate-bucket/large')).toContain(md5)
    const [found] = await listed(shared, 'filegate-bucket/large')
    expect(Date.parse(found?.ModTime ?? '')).toBe(1_600_000_000_500)
  })

  it('times that either changes, and copies that either makes, are those of the other', async () => {
    const path = parsePath('filegate-bucket/a+b c/plain.txt')
    await driver.setModified(path, { modified: Date.UTC(2019, 0, 1) })
    const [found] = await listed(shared, 'filegate-bucket/a+b c/plain.txt')
    expect(Date.parse(found?.ModTime ?? '')).toBe(Date.UTC(2019, 0, 1))
    await rclone('touch', '--timestamp', '2001-02-03T04:05:06', 'gcs:filegate-bucket/a+b c/plain.txt')
    expect((await driver.stat(path)).modified).toBe(Date.UTC(2001, 1, 3, 4, 5, 6))
    await driver.copy(path, { destination: parsePath('filegate-bucket/copied/here') })
    await rclone('copyto', 'gcs:filegate-bucket/copied/here', 'gcs:rclone-bucket/copied/there')
    expect(await driver.stat(parsePath('rclone-bucket/copied/there'))).toMatchObject({
      modified: Date.UTC(2001, 1, 3, 4, 5, 6),
      hashes: { md5: md5Of([new TextEncoder().encode('by filegate: plain.txt')]) },
    })
  })

  it('empty directories that were made here, and buckets made by either, are there for both', async () => {
    await driver.makeDirectory(parsePath('filegate-bucket/empty/deep'))
    expect(await rclone('lsf', 'gcs:filegate-bucket')).toContain('empty/\n')
    expect(await rclone('lsf', 'gcs:filegate-bucket/empty')).toBe('deep/\n')
    await rclone('mkdir', 'gcs:third-bucket')
    expect(await namesOf('')).toEqual(['filegate-bucket', 'rclone-bucket', 'third-bucket'])
    expect(await entries('third-bucket')).toEqual([])
  })
})
