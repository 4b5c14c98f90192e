import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DriverWith, type Entry, openDriver, parsePath, requireMethods } from '@filegate/core'
import { azureblob } from '@filegate/driver-azure'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { account, type Azurite, key, startAzurite } from '../../packages/driver-azure/src/testing/azurite.ts'
import { accountSignature, independentClient } from '../../packages/driver-azure/src/testing/blob-harness.ts'
import { awkwardNames } from './awkward-names.ts'
import { type BesideRclone, entriesOf, itSharesNames, listed } from './beside-rclone.ts'
import { largeContent } from './large-content.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: Azure Blob Storage beside rclone, ${reason}`)

/** As a file can be called on disk. */
const names: readonly string[] = [...awkwardNames, '\tleft tab', 'right tab\t', '‛．']

const mebibyte = 1_048_576
const large = 60 * mebibyte + 12_345

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
  const shared: BesideRclone = {
    driver: () => driver,
    rclone,
    remote: 'azure',
    folder: () => folder,
    names,
    takesBytes: true,
  }
  const entries = (path: string): Promise<readonly Entry[]> => entriesOf(shared, path)
  const namesOf = async (path: string): Promise<string[]> => (await entries(path)).map(({ name }) => name)

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

  itSharesNames(shared)

  it('a large file that rclone wrote in blocks is read here, with its hash', async () => {
    const file = join(folder, 'large')
    await pipeline(Readable.from(largeContent(large)), createWriteStream(file))
    await rclone('copyto', file, 'azure:rclone-bucket/large', '--azureblob-chunk-size', '4M')
    const path = parsePath('rclone-bucket/large')
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
    const path = parsePath('filegate-bucket/large')
    const body = ReadableStream.from(largeContent(large))
    const entry = await driver.write(path, { body, size: large, modified: 1_600_000_000_500, hashes: { md5 } })
    expect(entry).toMatchObject({ size: large, hashes: { md5 } })
    expect(await rclone('md5sum', 'azure:filegate-bucket/large')).toContain(md5)
    expect(await rclone('hashsum', 'SHA-256', '--download', 'azure:filegate-bucket/large')).toContain(sha256)
    const [found] = await listed(shared, 'filegate-bucket/large')
    expect(Date.parse(found?.ModTime ?? '')).toBe(1_600_000_000_500)
  })

  it('empty directories that were made here, or with a marker elsewhere, are there for both', async () => {
    await driver.makeDirectory(parsePath('filegate-bucket/empty/deep'))
    expect(await rclone('lsf', 'azure:filegate-bucket')).toContain('empty/\n')
    const container = independentClient(server.url).getContainerClient('rclone-bucket')
    await container.uploadBlockBlob('made/elsewhere/', '', 0)
    expect(await driver.stat(parsePath('rclone-bucket/made/elsewhere'))).toMatchObject({ kind: 'directory' })
    expect(await entries('rclone-bucket/made/elsewhere')).toEqual([])
    expect(await namesOf('rclone-bucket/made')).toEqual(['elsewhere'])
    await rclone('mkdir', 'azure:third-bucket')
    expect(await namesOf('')).toEqual(['filegate-bucket', 'rclone-bucket', 'third-bucket'])
    expect(await entries('third-bucket')).toEqual([])
  })
})
