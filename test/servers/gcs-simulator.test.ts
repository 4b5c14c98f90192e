import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GoogleCloudStorage, startGoogleCloudStorage } from '../simulators/gcs/start-google-cloud-storage.ts'
import { cloudPlatform, type GoogleTokens, startGoogleTokens } from '../simulators/google-token/start-google-tokens.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: the simulators of Google judged by rclone, ${reason}`)

/** Of the classes that names of objects can trip over, and what rclone encodes. */
const names: readonly string[] = [
  'plain.txt',
  'two words',
  'line\nfeed',
  'carriage\rreturn',
  'tab\tstop',
  'per%cent %2F %00',
  'ha#sh?mark&and=is+plus',
  'quotes\'"`',
  'back\\slash;semi',
  '[brackets]*{braces}',
  ' left and right ',
  '.left dot',
  '...',
  'cafe\u0301 café 漢字 😀',
  '~$@!:,()',
]
const second = 1_600_000_000
const mebibyte = 1_048_576

const described = ({ Path, Size, ModTime, Hashes }: Listed) => [Path, Size, Date.parse(ModTime), Hashes?.MD5]

interface Listed {
  readonly Path: string
  readonly Size: number
  readonly ModTime: string
  readonly Hashes?: { readonly MD5?: string }
}

describe.skipIf(reason !== undefined)('the simulators of Google, judged by rclone', () => {
  let folder: string
  let tokens: GoogleTokens
  let storage: GoogleCloudStorage
  let login: Readonly<Record<string, string>>
  let calls = 0

  const settle = async (options: Parameters<typeof startGoogleCloudStorage>[0] = {}) => {
    await storage.close()
    storage = await startGoogleCloudStorage({ findAccount: tokens.findAccount, ...options })
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-gcs-'))
    tokens = await startGoogleTokens()
    storage = await startGoogleCloudStorage({ findAccount: tokens.findAccount })
    login = { service_account_credentials: JSON.stringify(await tokens.addServiceAccount('robot')) }
  })
  afterEach(async () => {
    await storage.close()
    await tokens.close()
    await rm(folder, { recursive: true })
  })

  async function rcloneWith(settings: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
    const all = {
      type: 'google cloud storage',
      endpoint: `${storage.endpoint}/storage/v1/`,
      project_number: '123456789012',
      ...settings,
    }
    const variables = Object.entries(all).map(([name, value]) => [`RCLONE_CONFIG_G_${name.toUpperCase()}`, value])
    const environment = Object.fromEntries(variables)
    // rclone keeps refreshed tokens in the file; none is to be found by the next one.
    calls += 1
    const config = ['--config', join(folder, `${calls}.conf`), '--retries', '1', '--low-level-retries', '3']
    return run('rclone', [...config, ...args], { ...environment, GCE_METADATA_HOST: new URL(tokens.endpoint).host })
  }
  const rclone = (...args: readonly string[]): Promise<string> => rcloneWith(login, ...args)
  async function listing(path: string): Promise<Listed[]> {
    const listed: Listed[] = JSON.parse(
      await rclone('lsjson', '-R', '--files-only', '--hash', '--hash-type', 'MD5', path),
    )
    return listed.sort((one, two) => (one.Path < two.Path ? -1 : 1))
  }
  const bytesOf = (bucket: string, name: string): Buffer =>
    Buffer.concat(storage.find(bucket, name)?.content.pieces ?? [])

  it('names, bytes, times and checksums go there and back', async () => {
    // Pages so short that every listing takes several.
    await settle({ pageLimit: 4 })
    const source = join(folder, 'source')
    await mkdir(join(source, 'deep/er'), { recursive: true })
    const written = [...names, 'deep/one', 'deep/er/two', 'empty']
    for (const [place, name] of written.entries()) {
      await writeFile(join(source, name), name === 'empty' ? '' : `content of ${name}`)
      await utimes(join(source, name), second + place, second + place)
    }
    await rclone('copy', source, 'g:bucket/some folder')
    const listed = await listing('g:bucket/some folder')
    // The service shows what the disk does: names, sizes, times to the nanosecond, MD5.
    expect(listed.map(described)).toEqual((await listing(source)).map(described))
    expect(listed).toHaveLength(written.length)
    const target = join(folder, 'target')
    await rclone('copy', 'g:bucket/some folder', target)
    await rclone('check', '--download', source, 'g:bucket/some folder')
    await run('diff', ['-r', source, target])
    expect(storage.count('objects.list')).toBeGreaterThan(10)
    expect(storage.find('bucket', 'some folder/deep/er/two')?.fields.metadata).toMatchObject({
      mtime: expect.any(String),
    })
  })

  it('large objects go up in chunks, also of unknown size, and come down in ranges', async () => {
    const content = randomBytes(40 * mebibyte + 12_345)
    await writeFile(join(folder, 'large'), content)
    await rclone('copyto', join(folder, 'large'), 'g:bucket/large')
    expect(storage.requests.filter(({ target }) => target.includes('upload_id'))).toHaveLength(3)
    expect(bytesOf('bucket', 'large').equals(content)).toBe(true)

    await writeFile(
      join(folder, 'copy.sh'),
      `rclone --config "$0.conf" rcat g:bucket/streamed < '${join(folder, 'large')}'`,
    )
    const variables = { type: 'google cloud storage', endpoint: `${storage.endpoint}/storage/v1/`, ...login }
    const environment = Object.entries(variables).map(([name, value]) => [
      `RCLONE_CONFIG_G_${name.toUpperCase()}`,
      value,
    ])
    await run('sh', [join(folder, 'copy.sh')], Object.fromEntries(environment))
    expect(bytesOf('bucket', 'streamed').equals(content)).toBe(true)

    storage.forget()
    await rclone(
      'copyto',
      '--multi-thread-cutoff',
      '1M',
      '--multi-thread-streams',
      '4',
      'g:bucket/large',
      join(folder, 'back'),
    )
    expect((await readFile(join(folder, 'back'))).equals(content)).toBe(true)
    const ranges = storage.requests.flatMap(({ headers }) => headers['range'] ?? [])
    expect(new Set(ranges).size).toBe(4)
    const part = await rclone('cat', '--offset', '7', '--count', '5', 'g:bucket/large')
    expect(part).toBe(content.subarray(7, 12).toString('utf8'))
    expect(storage.requests.at(-1)).toMatchObject({ call: 'objects.get', status: 206 })
  })

  it('copies, moves, times and metadata are set by the service', async () => {
    await settle({ rewriteBytesPerCall: 100 })
    await writeFile(join(folder, 'file'), 'x'.repeat(250))
    await utimes(join(folder, 'file'), second, second)
    await rclone('copyto', join(folder, 'file'), 'g:bucket/a/file')
    storage.forget()
    await rclone('copyto', 'g:bucket/a/file', 'g:bucket/b/copy')
    expect(storage.count('objects.rewrite')).toBe(3)
    await rclone('moveto', 'g:bucket/b/copy', 'g:bucket/c/moved')
    expect(storage.count('upload.continue') + storage.count('objects.insert')).toBe(0)
    await rclone('touch', '--timestamp', '2001-02-03T04:05:06', 'g:bucket/c/moved')
    const listed = await listing('g:bucket')
    expect(listed.map(({ Path, Size }) => [Path, Size])).toEqual([
      ['a/file', 250],
      ['c/moved', 250],
    ])
    expect(listed.map(({ ModTime }) => Date.parse(ModTime))).toEqual([second * 1000, Date.UTC(2001, 1, 3, 4, 5, 6)])
  })

  it('buckets are made as they are asked for, shown, and purged', async () => {
    const settings = { ...login, location: 'europe-west1', storage_class: 'NEARLINE', bucket_policy_only: 'true' }
    await writeFile(join(folder, 'file'), 'x')
    await rcloneWith(settings, 'copy', join(folder, 'file'), 'g:uniform')
    await rclone('copy', join(folder, 'file'), 'g:listed')
    const sent = storage.requests.filter(({ call }) => call === 'buckets.insert')
    expect(sent.map(({ status }) => status)).toEqual([200, 200])
    expect(storage.find('uniform', 'file')?.fields.storageClass).toBe('NEARLINE')
    expect((await rclone('lsf', 'g:')).split('\n').sort()).toEqual(['', 'listed/', 'uniform/'])
    // Without the setting rclone sends access lists, which a uniform bucket does not take.
    await expect(rclone('copyto', join(folder, 'file'), 'g:uniform/other')).rejects.toThrow(
      'uniform bucket-level access',
    )
    await rclone('purge', 'g:uniform')
    expect(await rclone('lsf', 'g:')).toBe('listed/\n')
    await expect(rclone('rmdir', 'g:listed')).rejects.toThrow('not empty')
    await expect(rclone('lsf', 'g:none-such')).rejects.toThrow('not found')
  })

  it('logins of every kind are good, and those that are wrong are refused', async () => {
    storage.addBucket({ name: 'bucket' })
    const kinds = (): string[] => tokens.requests.flatMap(({ grant, path }) => grant ?? path)
    await rclone('lsf', 'g:bucket')
    expect(kinds()).toEqual(['urn:ietf:params:oauth:grant-type:jwt-bearer'])

    tokens.forget()
    const user = tokens.addUser('me@example.com', [cloudPlatform])
    const client = { client_id: user.clientId, client_secret: user.clientSecret, token_url: tokens.tokenUri }
    const token = (refresh: string): string =>
      JSON.stringify({
        access_token: 'old',
        token_type: 'Bearer',
        refresh_token: refresh,
        expiry: '2001-02-03T04:05:06Z',
      })
    await rcloneWith({ ...client, token: token(user.refreshToken) }, 'lsf', 'g:bucket')
    expect(kinds()).toEqual(['refresh_token'])
    await expect(rcloneWith({ ...client, token: token('1//wrong') }, 'lsf', 'g:bucket')).rejects.toThrow(
      'invalid_grant',
    )
    tokens.revoke(user.refreshToken)
    const revoked = rcloneWith({ ...client, token: token(user.refreshToken) }, 'lsf', 'g:bucket')
    await expect(revoked).rejects.toThrow('expired or revoked')
    const fixed = { access_token: 'wrong', token_type: 'Bearer', expiry: '2100-02-03T04:05:06Z' }
    await expect(rcloneWith({ ...client, token: JSON.stringify(fixed) }, 'lsf', 'g:bucket')).rejects.toThrow(
      'Invalid Credentials',
    )

    tokens.forget()
    tokens.attach('robot@example.com')
    await rcloneWith({}, 'lsf', 'g:bucket')
    expect(kinds()).toContain('/computeMetadata/v1/instance/service-accounts/default/token')

    const key = await tokens.addServiceAccount('other')
    tokens.removeKeys(key.client_email)
    const keyless = rcloneWith({ service_account_credentials: JSON.stringify(key) }, 'lsf', 'g:bucket')
    await expect(keyless).rejects.toThrow('Invalid JWT Signature')
    await expect(rcloneWith({ anonymous: 'true' }, 'lsf', 'g:bucket')).rejects.toThrow('Anonymous caller')
    const readers = [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }]
    storage.addBucket({ name: 'open' }, { bindings: readers })
    await rcloneWith({ anonymous: 'true' }, 'lsf', 'g:open')
  })

  it('what the service turns down for the moment is asked for again', async () => {
    const content = randomBytes(20 * mebibyte)
    await writeFile(join(folder, 'large'), content)
    storage.addBucket({ name: 'bucket' })
    storage.throttle('objects.insert', { status: 503 })
    storage.throttle('upload.continue', { status: 503 })
    await rclone('copyto', join(folder, 'large'), 'g:bucket/large')
    expect(bytesOf('bucket', 'large').equals(content)).toBe(true)
    storage.throttle('objects.get', { status: 503 })
    await rclone('copyto', 'g:bucket/large', join(folder, 'back'))
    expect((await readFile(join(folder, 'back'))).equals(content)).toBe(true)
    expect(storage.requests.filter(({ status }) => status === 503)).toHaveLength(3)
  })

  it('packed objects come inflated, or as they are for who wants them so', async () => {
    await writeFile(join(folder, 'text'), 'text '.repeat(1000))
    await run('gzip', ['-k', join(folder, 'text')])
    const packed = await readFile(join(folder, 'text.gz'))
    await rclone('copyto', '--header-upload', 'Content-Encoding: gzip', join(folder, 'text.gz'), 'g:bucket/text')
    expect(storage.find('bucket', 'text')?.fields.contentEncoding).toBe('gzip')
    await rclone('copyto', 'g:bucket/text', join(folder, 'raw'))
    expect((await readFile(join(folder, 'raw'))).equals(packed)).toBe(true)
    expect(await rcloneWith({ ...login, decompress: 'true' }, 'cat', 'g:bucket/text')).toBe('text '.repeat(1000))
  })
})
