import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { collectBytes, type DriverWith, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import { azureblob } from '@filegate/driver-azure'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { account, type Azurite, key, startAzurite } from '../../packages/driver-azure/src/testing/azurite.ts'
import { accountSignature, independentClient } from '../../packages/driver-azure/src/testing/blob-harness.ts'
import { awkwardNames } from './awkward-names.ts'
import { largeContent } from './large-content.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: Azure Blob Storage beside rclone, ${reason}`)

/** As a file can be called on disk. */
const names: readonly string[] = [...awkwardNames, '\tleft tab', 'right tab\t', '‛．']

const mebibyte = 1_048_576
const large = 60 * mebibyte + 12_345

/** JSON cannot hold the byte that is no UTF-8, which is spelled out here. */
const spelled = (name: string): string => name.replace('\ufffd', '‛FF')

function digests(chunks: Iterable<Uint8Array>): { readonly md5: string; readonly sha256: string } {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  for (const chunk of chunks) for (const hash of [md5, sha256]) hash.update(chunk)
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}

describe.skipIf(reason !== undefined)('Azure Blob Storage on its emulator, shared with rclone', () => {
  let server: Azurite
  let folder: string
  let driver: DriverWith<'write' | 'hash' | 'makeDirectory'>

  const rclone = (...args: readonly string[]): Promise<string> =>
    run('rclone', ['--config', join(folder, 'none.conf'), '--retries', '1', ...args], {
      RCLONE_CONFIG_AZURE_TYPE: 'azureblob',
      // This rclone takes the address of an emulator as a signed URL only.
      RCLONE_CONFIG_AZURE_SAS_URL: `${server.url}?${accountSignature()}`,
    })
  interface Listed {
    readonly Path: string
    readonly Size: number
    readonly ModTime: string
    readonly IsDir: boolean
    readonly Hashes?: { readonly md5?: string }
  }
  const listed = async (place: string): Promise<Listed[]> =>
    JSON.parse(await rclone('lsjson', '-R', '--hash', `azure:${place}`))
  const entries = async (path: string) => (await driver.list(parsePath(path))).items
  const namesOf = async (path: string): Promise<string[]> => (await entries(path)).map(({ name }) => name).sort()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-rclone-'))
    server = await startAzurite()
    const options = { account, key, endpoint: server.url, directory_markers: true }
    driver = requireMethods(await openDriver(azureblob, options), 'write', 'hash', 'makeDirectory')
  })
  afterAll(async () => {
    await driver.close?.()
    await server.stop()
    await rm(folder, { recursive: true })
  })

  it('names, bytes, times and hashes that rclone wrote are read here', async () => {
    const source = join(folder, 'written-by-rclone')
    await mkdir(source)
    for (const [place, name] of names.entries()) {
      await writeFile(join(source, name), `content of ${name}`)
      await utimes(join(source, name), 1_600_000_000 + place, 1_600_000_000 + place + 0.123456)
    }
    await writeFile(Buffer.concat([Buffer.from(`${source}/not utf-8 `), Buffer.from([0xff])]), 'bytes')
    await rclone('copy', source, 'azure:rclone-box/some folder')

    const shown = (await listed('rclone-box/some folder')).map(({ Path }) => spelled(Path)).sort()
    expect(shown).toHaveLength(names.length + 1)
    expect(await namesOf('rclone-box/some folder')).toEqual(shown)
    for (const name of shown) {
      const path = parsePath(`rclone-box/some folder/${name}`)
      const entry = await driver.stat(path)
      const body = await collectBytes((await driver.read(path)).body)
      expect(entry).toMatchObject({ kind: 'file', size: body.length, hashes: { md5: digests([body]).md5 } })
    }
    for (const name of ['plain.txt', 'co:lon', 'plus+and space', 'back\\slash', 'right dot.']) {
      const path = parsePath(`rclone-box/some folder/${name}`)
      const { mtimeMs } = await stat(join(source, name))
      expect((await driver.stat(path)).modified).toBeCloseTo(mtimeMs, 2)
      expect(await new Response((await driver.read(path)).body).text()).toBe(await readFile(join(source, name), 'utf8'))
    }
  })

  it('names, bytes, times and hashes that were written here are read by rclone', async () => {
    const written = [...(await namesOf('rclone-box/some folder')), 'quote‛‛inside']
    const modified = Date.UTC(2021, 4, 6, 7, 8, 9, 123)
    for (const name of written) {
      const content = new TextEncoder().encode(`by filegate: ${name}`)
      const path = parsePath(`filegate-box/a+b c/${name}`)
      await driver.write(path, { body: streamBytes(content), size: content.length, modified })
    }
    const files = (await listed('filegate-box')).filter(({ IsDir }) => !IsDir)
    expect(files.map(({ Path }) => spelled(Path)).sort()).toEqual(written.map((name) => `a+b c/${name}`).sort())
    for (const { Path, ModTime, Hashes } of files) {
      const content = new TextEncoder().encode(`by filegate: ${spelled(Path).slice('a+b c/'.length)}`)
      expect(Date.parse(ModTime)).toBe(modified)
      expect(Hashes?.md5).toBe(digests([content]).md5)
    }
    const target = join(folder, 'read-by-rclone')
    await rclone('copy', 'azure:filegate-box/a+b c', target)
    expect(await readdir(target, { encoding: 'buffer' })).toHaveLength(written.length)
    expect(await readFile(join(target, 'line\nfeed'), 'utf8')).toMatch(/^by filegate: line/)
    await rclone('check', target, 'azure:filegate-box/a+b c')
  })

  it('a large file that rclone wrote in blocks is read here, with its hash', async () => {
    const file = join(folder, 'large')
    await pipeline(Readable.from(largeContent(large)), createWriteStream(file))
    await rclone('copyto', file, 'azure:rclone-box/large', '--azureblob-chunk-size', '4M')
    const path = parsePath('rclone-box/large')
    const { md5, sha256 } = digests(largeContent(large))
    const { entry, body } = await driver.read(path)
    expect(entry).toMatchObject({ size: large, hashes: { md5 } })
    expect(await driver.hash(path, { algorithm: 'md5' })).toBe(md5)
    const read = createHash('sha256')
    for await (const chunk of body) read.update(chunk)
    expect(read.digest('hex')).toBe(sha256)
  })

  it('a large file that was written here in blocks is read by rclone, with its hash', async () => {
    const { md5, sha256 } = digests(largeContent(large))
    const path = parsePath('filegate-box/large')
    const body = ReadableStream.from(largeContent(large))
    const entry = await driver.write(path, { body, size: large, modified: 1_600_000_000_500, hashes: { md5 } })
    expect(entry).toMatchObject({ size: large, hashes: { md5 } })
    expect(await rclone('md5sum', 'azure:filegate-box/large')).toContain(md5)
    expect(await rclone('hashsum', 'SHA-256', '--download', 'azure:filegate-box/large')).toContain(sha256)
    const [found] = await listed('filegate-box/large')
    expect(Date.parse(found?.ModTime ?? '')).toBe(1_600_000_000_500)
  })

  it('empty directories that were made here, or with a marker elsewhere, are there for both', async () => {
    await driver.makeDirectory(parsePath('filegate-box/empty/deep'))
    expect(await rclone('lsf', 'azure:filegate-box')).toContain('empty/\n')
    const container = independentClient(server.url).getContainerClient('rclone-box')
    await container.uploadBlockBlob('made/elsewhere/', '', 0)
    expect(await driver.stat(parsePath('rclone-box/made/elsewhere'))).toMatchObject({ kind: 'directory' })
    expect(await entries('rclone-box/made/elsewhere')).toEqual([])
    expect(await namesOf('rclone-box/made')).toEqual(['elsewhere'])
    await rclone('mkdir', 'azure:third-box')
    expect(await namesOf('')).toEqual(['filegate-box', 'rclone-box', 'third-box'])
    expect(await entries('third-box')).toEqual([])
  })
})
