import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DriverWith, type Entry, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import gcs from '@filegate/driver-gcs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type SimulatedService,
  startSimulatedService,
} from '../../packages/driver-gcs/src/testing/simulated-service.ts'
import { awkwardNames } from './awkward-names.ts'
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
  interface Listed {
    readonly Path: string
    readonly Size: number
    readonly ModTime: string
    readonly IsDir: boolean
    readonly Hashes?: { readonly md5?: string }
  }
  const listed = async (place: string): Promise<Listed[]> =>
    JSON.parse(await rclone('lsjson', '-R', '--hash', `gcs:${place}`))
  const entries = async (path: string): Promise<readonly Entry[]> => (await driver.list(parsePath(path))).items
  const namesOf = async (path: string): Promise<string[]> => (await entries(path)).map(({ name }) => name).sort()

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

  it('names, bytes, times and hashes that rclone wrote are read here', async () => {
    const source = join(folder, 'written-by-rclone')
    await mkdir(source)
    for (const [place, name] of names.entries()) {
      await writeFile(join(source, name), `content of ${name}`)
      await utimes(join(source, name), 1_600_000_000 + place, 1_600_000_000 + place + 0.123456)
    }
    await rclone('copy', source, 'gcs:rclone-bucket/some folder')

    const shown = (await listed('rclone-bucket/some folder')).map(({ Path }) => Path).sort()
    expect(shown).toHaveLength(names.length)
    expect(await namesOf('rclone-bucket/some folder')).toEqual(shown)
    for (const name of shown) {
      const path = parsePath(`rclone-bucket/some folder/${name}`)
      const body = await new Response((await driver.read(path)).body).bytes()
      expect(await driver.stat(path)).toMatchObject({ size: body.length, hashes: { md5: md5Of([body]) } })
    }
    for (const name of ['plain.txt', 'co:lon', 'plus+and space', 'back\\slash', 'am&per=sand', 'ha#sh']) {
      const path = parsePath(`rclone-bucket/some folder/${name}`)
      const { mtimeMs } = await stat(join(source, name))
      expect((await driver.stat(path)).modified).toBeCloseTo(mtimeMs, 2)
      expect(await new Response((await driver.read(path)).body).text()).toBe(await readFile(join(source, name), 'utf8'))
    }
  })

  it('names, bytes, times and hashes that were written here are read by rclone', async () => {
    // The last one stands for itself doubled; a file with it on disk is one that this rclone cannot open.
    const written = [...(await namesOf('rclone-bucket/some folder')), 'quote‛‛inside']
    const modified = Date.UTC(2021, 4, 6, 7, 8, 9, 123)
    for (const name of written) {
      const content = new TextEncoder().encode(`by filegate: ${name}`)
      const path = parsePath(`filegate-bucket/a+b c/${name}`)
      await driver.write(path, { body: streamBytes(content), size: content.length, modified })
    }
    const files = (await listed('filegate-bucket')).filter(({ IsDir }) => !IsDir)
    expect(files.map(({ Path }) => Path).sort()).toEqual(written.map((name) => `a+b c/${name}`).sort())
    for (const { Path, ModTime, Hashes } of files) {
      const content = new TextEncoder().encode(`by filegate: ${Path.slice('a+b c/'.length)}`)
      expect(Date.parse(ModTime)).toBe(modified)
      expect(Hashes?.md5).toBe(md5Of([content]))
    }
    const target = join(folder, 'read-by-rclone')
    await rclone('copy', 'gcs:filegate-bucket/a+b c', target)
    expect(await readdir(target, { encoding: 'buffer' })).toHaveLength(written.length)
    expect(await readFile(join(target, 'line\nfeed'), 'utf8')).toMatch(/^by filegate: line/)
    await rclone('check', target, 'gcs:filegate-bucket/a+b c')
  })

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
    const [found] = await listed('filegate-bucket/large')
    expect(Date.parse(found?.ModTime ?? '')).toBe(1_600_000_000_500)
  })

  it('times that either changes, and copies that either makes, are those of the other', async () => {
    const path = parsePath('filegate-bucket/a+b c/plain.txt')
    await driver.setModified(path, { modified: Date.UTC(2019, 0, 1) })
    const [found] = await listed('filegate-bucket/a+b c/plain.txt')
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
