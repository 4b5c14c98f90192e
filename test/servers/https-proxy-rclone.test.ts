import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type SimulatedService,
  startSimulatedService,
} from '../../packages/driver-gcs/src/testing/simulated-service.ts'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: rclone through the proxy to simulators, ${reason}`)

const mebibyte = 1_048_576
const chunks = 48

function* content(): Generator<Buffer, void, undefined> {
  for (let place = 0; place < chunks; place++) yield Buffer.alloc(mebibyte, `${place} `)
}

/** A client of another hand, in another language, which knows nothing but the vendor's own hosts. */
describe.skipIf(reason !== undefined)('rclone, sent to simulators by a proxy', () => {
  let service: SimulatedService
  let proxy: HttpsProxy
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-proxy-rclone-'))
    service = await startSimulatedService()
    proxy = await startHttpsProxy({
      routes: {
        'storage.googleapis.com': service.endpoint,
        'www.googleapis.com': service.endpoint,
        'oauth2.googleapis.com': service.tokens.endpoint,
      },
    })
  })
  afterAll(async () => {
    await proxy.close()
    await service.close()
    await rm(folder, { recursive: true })
  })

  const rclone = (...args: readonly string[]): Promise<string> => {
    const { service_account_credentials = '', project_number = '' } = service.options
    // The key names the simulator as the place for tokens; without that rclone asks the vendor.
    const { token_uri: _, ...key } = JSON.parse(String(service_account_credentials))
    return run(
      'rclone',
      ['--config', join(folder, 'none.conf'), '--retries', '1', '--ca-cert', proxy.caFile, ...args],
      {
        HTTPS_PROXY: proxy.url,
        RCLONE_CONFIG_GCS_TYPE: 'google cloud storage',
        RCLONE_CONFIG_GCS_SERVICE_ACCOUNT_CREDENTIALS: JSON.stringify({
          ...key,
          token_uri: 'https://oauth2.googleapis.com/token',
        }),
        RCLONE_CONFIG_GCS_PROJECT_NUMBER: String(project_number),
      },
    )
  }

  it('logs in, writes, lists with hashes, and reads all and parts of a large file', async () => {
    const file = join(folder, 'large')
    await pipeline(Readable.from(content()), createWriteStream(file))
    const digest = createHash('md5')
    for (const chunk of content()) digest.update(chunk)
    const md5 = digest.digest('hex')

    await rclone('copyto', file, 'gcs:a-bucket/folder/large file+é%2F')
    const listed: unknown = JSON.parse(await rclone('lsjson', '-R', '--hash', '--files-only', 'gcs:a-bucket'))
    expect(listed).toMatchObject([{ Path: 'folder/large file+é%2F', Size: chunks * mebibyte, Hashes: { md5 } }])
    await rclone('copyto', 'gcs:a-bucket/folder/large file+é%2F', join(folder, 'back'))
    expect(
      createHash('md5')
        .update(await readFile(join(folder, 'back')))
        .digest('hex'),
    ).toBe(md5)
    const place = ['--offset', String(3 * mebibyte), '--count', '4']
    expect(await rclone('cat', ...place, 'gcs:a-bucket/folder/large file+é%2F')).toBe('3 3 ')
    expect(new Set(proxy.tunnels)).toEqual(new Set(['storage.googleapis.com:443', 'oauth2.googleapis.com:443']))
  })

  it('writes many small files at once, copies them there, and removes them', async () => {
    const names = Array.from({ length: 20 }, (_, place) => `file ${place}`)
    await mkdir(join(folder, 'many'))
    for (const name of names) await writeFile(join(folder, 'many', name), name)
    await rclone('copy', join(folder, 'many'), 'gcs:a-bucket/many')
    await rclone('copy', 'gcs:a-bucket/many', 'gcs:a-bucket/copied')
    expect((await rclone('lsf', 'gcs:a-bucket/copied')).trim().split('\n').sort()).toEqual([...names].sort())
    await rclone('check', join(folder, 'many'), 'gcs:a-bucket/copied')
    await rclone('purge', 'gcs:a-bucket/copied')
    expect(await rclone('lsf', 'gcs:a-bucket/')).toBe('folder/\nmany/\n')
  })

  it('is refused where no simulator stands for a host', async () => {
    await expect(rclone('lsf', ':http:', '--http-url', 'https://www.example.com/')).rejects.toThrow('Bad Gateway')
  })
})
