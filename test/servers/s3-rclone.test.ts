import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DriverWith, type Entry, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import s3 from '@filegate/driver-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { independentClient } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { awkwardNames } from './awkward-names.ts'
import { largeContent } from './large-content.ts'
import { missingPrograms, run, type StartedServer } from './programs.ts'
import { radosgwPrograms, startRadosgw } from './radosgw.ts'

const reason = missingPrograms({ ...radosgwPrograms, rclone: 'rclone' })
if (reason) console.log(`Skipped: S3 beside rclone, ${reason}`)

/** As a file can be called on disk. */
const names: readonly string[] = [...awkwardNames, '\tleft tab', 'right tab\t', '‛．']

const mebibyte = 1_048_576
const large = 200 * mebibyte + 12_345

/** JSON cannot hold the byte that is no UTF-8, which is spelled out here. */
const spelled = (name: string): string => name.replace('\ufffd', '‛FF')

function digests(chunks: Iterable<Uint8Array>): { readonly md5: string; readonly sha256: string } {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  for (const chunk of chunks) for (const hash of [md5, sha256]) hash.update(chunk)
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}

describe.skipIf(reason !== undefined)('S3 on Ceph, shared with rclone', () => {
  let server: StartedServer
  let folder: string
  let driver: DriverWith<'write' | 'hash' | 'makeDirectory'>

  const rclone = (...args: readonly string[]): Promise<string> => {
    const settings = { type: 's3', provider: 'Ceph', endpoint: server.endpoint }
    const login = { access_key_id: server.key, secret_access_key: server.secret }
    const variables = Object.entries({ ...settings, ...login }).map(([name, value]) => [
      `RCLONE_CONFIG_CEPH_${name.toUpperCase()}`,
      value,
    ])
    const calm = ['--config', join(folder, 'none.conf'), '--retries', '1', '--s3-list-url-encode=true']
    return run('rclone', [...calm, ...args], Object.fromEntries(variables))
  }
  interface Listed {
    readonly Path: string
    readonly Size: number
    readonly ModTime: string
    readonly IsDir: boolean
    readonly Hashes?: { readonly md5?: string }
  }
  const listed = async (place: string): Promise<Listed[]> =>
    JSON.parse(await rclone('lsjson', '-R', '--hash', `ceph:${place}`))
  const entries = async (path: string): Promise<readonly Entry[]> => {
    const found: Entry[] = []
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await driver.list(parsePath(path), { cursor })
      found.push(...page.items)
      cursor = page.cursor
    }
    return found
  }
  const namesOf = async (path: string): Promise<string[]> => (await entries(path)).map(({ name }) => name).sort()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-rclone-'))
    server = await startRadosgw()
    const login = { access_key_id: server.key, secret_access_key: server.secret }
    const options = { provider: 'Ceph', endpoint: server.endpoint, list_url_encode: true, directory_markers: true }
    driver = requireMethods(await openDriver(s3, { ...options, ...login }), 'write', 'hash', 'makeDirectory')
  }, 120_000)
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
    await rclone('copy', source, 'ceph:rclone-bucket/some folder')

    const shown = (await listed('rclone-bucket/some folder')).map(({ Path }) => spelled(Path)).sort()
    expect(shown).toHaveLength(names.length + 1)
    expect(await namesOf('rclone-bucket/some folder')).toEqual(shown)
    for (const name of shown) {
      const path = parsePath(`rclone-bucket/some folder/${name}`)
      const entry = await driver.stat(path)
      const body = await new Response((await driver.read(path)).body).bytes()
      expect(entry).toMatchObject({
        kind: 'file',
        size: body.length,
        hashes: { md5: digests([body]).md5 },
      })
    }
    for (const name of ['plain.txt', 'co:lon', 'plus+and space', 'back\\slash', 'am&per=sand']) {
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
    expect(files.map(({ Path }) => spelled(Path)).sort()).toEqual(written.map((name) => `a+b c/${name}`).sort())
    for (const { Path, ModTime, Hashes } of files) {
      const content = new TextEncoder().encode(`by filegate: ${spelled(Path).slice('a+b c/'.length)}`)
      expect(Date.parse(ModTime)).toBe(modified)
      expect(Hashes?.md5).toBe(digests([content]).md5)
    }
    const target = join(folder, 'read-by-rclone')
    await rclone('copy', 'ceph:filegate-bucket/a+b c', target)
    expect(await readdir(target, { encoding: 'buffer' })).toHaveLength(written.length)
    expect(await readFile(join(target, 'line\nfeed'), 'utf8')).toMatch(/^by filegate: line/)
    await rclone('check', target, 'ceph:filegate-bucket/a+b c')
  })

  it('a file of 200 MB that rclone wrote in parts is read here, with its hash', async () => {
    const file = join(folder, 'large')
    await pipeline(Readable.from(largeContent(large)), createWriteStream(file))
    await rclone('copyto', file, 'ceph:rclone-bucket/large', '--s3-upload-cutoff', '20M', '--s3-chunk-size', '16M')
    const path = parsePath('rclone-bucket/large')
    const { md5, sha256 } = digests(largeContent(large))
    const { entry, body } = await driver.read(path)
    expect(entry).toMatchObject({ size: large, etag: expect.stringMatching(/-\d+"$/) })
    expect(await driver.hash(path, { algorithm: 'md5' })).toBe(md5)
    const read = createHash('sha256')
    for await (const chunk of body) read.update(chunk)
    expect(read.digest('hex')).toBe(sha256)
  })

  it('a file of 200 MB that was written here in parts is read by rclone, with its hash', async () => {
    const { md5, sha256 } = digests(largeContent(large))
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const body = ReadableStream.from(
      (function* watched() {
        for (const chunk of largeContent(large)) {
          most = Math.max(most, process.memoryUsage().arrayBuffers - before)
          yield chunk
        }
      })(),
    )
    const path = parsePath('filegate-bucket/large')
    const entry = await driver.write(path, { body, size: large, modified: 1_600_000_000_500, hashes: { md5 } })
    expect(entry).toMatchObject({ size: large, hashes: { md5 }, etag: expect.stringMatching(/-41"$/) })
    // Four parts of 5 MiB at a time, and what waits to be collected.
    expect(most).toBeLessThan(120 * mebibyte)
    expect(await rclone('md5sum', 'ceph:filegate-bucket/large')).toContain(md5)
    expect(await rclone('hashsum', 'SHA-256', '--download', 'ceph:filegate-bucket/large')).toContain(sha256)
    const [found] = await listed('filegate-bucket/large')
    expect(Date.parse(found?.ModTime ?? '')).toBe(1_600_000_000_500)
  })

  it('empty directories that were made here, or with a marker elsewhere, are there for both', async () => {
    await driver.makeDirectory(parsePath('filegate-bucket/empty/deep'))
    expect(await rclone('lsf', 'ceph:filegate-bucket')).toContain('empty/\n')
    expect(await rclone('lsf', 'ceph:filegate-bucket/empty')).toBe('deep/\n')
    const client = independentClient(server)
    await client.putObject({ Bucket: 'rclone-bucket', Key: 'made/elsewhere/', Body: '' })
    client.destroy()
    expect(await driver.stat(parsePath('rclone-bucket/made/elsewhere'))).toMatchObject({ kind: 'directory' })
    expect(await entries('rclone-bucket/made/elsewhere')).toEqual([])
    expect(await namesOf('rclone-bucket/made')).toEqual(['elsewhere'])
    await rclone('mkdir', 'ceph:third-bucket')
    expect(await namesOf('')).toEqual(['filegate-bucket', 'rclone-bucket', 'third-bucket'])
    expect(await entries('third-bucket')).toEqual([])
  })
})
