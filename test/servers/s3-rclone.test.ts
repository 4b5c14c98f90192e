import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type DriverWith, type Entry, openDriver, parsePath, requireMethods } from '@filegate/core'
import s3 from '@filegate/driver-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { independentClient } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { awkwardNames } from './awkward-names.ts'
import { type BesideRclone, entriesOf, itSharesNames, listed } from './beside-rclone.ts'
import { largeContent } from './large-content.ts'
import { missingPrograms, run, type StartedServer } from './programs.ts'
import { radosgwPrograms, startRadosgw } from './radosgw.ts'

const reason = missingPrograms({ ...radosgwPrograms, rclone: 'rclone' })
if (reason) console.log(`Skipped: S3 beside rclone, ${reason}`)

/** As a file can be called on disk. */
const names: readonly string[] = [...awkwardNames, '\tleft tab', 'right tab\t', '‛．']

const mebibyte = 1_048_576
const large = 200 * mebibyte + 12_345

function digests(chunks: Iterable<Uint8Array>): { readonly md5: string; readonly sha256: string } {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  for (const chunk of chunks) for (const hash of [md5, sha256]) hash.update(chunk)
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Bytes of buffers, without those that merely wait to be collected. */
function buffersInUse(): number {
  if (typeof collect !== 'function') throw new Error('There is no way to collect what is not in use.')
  // The first round hands them over to be given back, which the second one waits for.
  for (let round = 0; round < 2; round++) collect()
  return process.memoryUsage().arrayBuffers
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
  const shared: BesideRclone = {
    driver: () => driver,
    rclone,
    remote: 'ceph',
    folder: () => folder,
    names,
    takesBytes: true,
  }
  const entries = (path: string): Promise<readonly Entry[]> => entriesOf(shared, path)
  const namesOf = async (path: string): Promise<string[]> => (await entries(path)).map(({ name }) => name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-rclone-'))
    server = await startRadosgw()
    const login = { access_key_id: server.key, secret_access_key: server.secret }
    const options = { provider: 'Ceph', endpoint: server.endpoint, list_url_encode: true, directory_markers: true }
    driver = requireMethods(await openDriver(s3, { ...options, ...login }), 'write', 'hash', 'makeDirectory')
  })
  afterAll(async () => {
    await driver.close?.()
    await server.stop()
    await rm(folder, { recursive: true })
  })

  itSharesNames(shared)

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
    const before = buffersInUse()
    let most = 0
    const body = ReadableStream.from(
      (function* watched() {
        let place = 0
        for (const chunk of largeContent(large)) {
          if (place++ % 10 === 0) most = Math.max(most, buffersInUse() - before)
          yield chunk
        }
      })(),
    )
    const path = parsePath('filegate-bucket/large')
    const entry = await driver.write(path, { body, size: large, modified: 1_600_000_000_500, hashes: { md5 } })
    expect(entry).toMatchObject({ size: large, hashes: { md5 }, etag: expect.stringMatching(/-41"$/) })
    // Four parts of 5 MiB at a time, and what is on its way to them.
    expect(most).toBeLessThan(60 * mebibyte)
    expect(await rclone('md5sum', 'ceph:filegate-bucket/large')).toContain(md5)
    expect(await rclone('hashsum', 'SHA-256', '--download', 'ceph:filegate-bucket/large')).toContain(sha256)
    const [found] = await listed(shared, 'filegate-bucket/large')
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
