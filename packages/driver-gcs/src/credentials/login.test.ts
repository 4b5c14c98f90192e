import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenContext, parsePath, type StorageDriver } from '@filegate/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectTo } from '../testing/gcs-harness.ts'
import { type SimulatedService, startSimulatedService } from '../testing/simulated-service.ts'

const scope = 'https://www.googleapis.com/auth/devstorage.read_write'

let service: SimulatedService
let folder: string
const drivers: StorageDriver[] = []
beforeAll(async () => {
  service = await startSimulatedService()
  folder = mkdtempSync(join(tmpdir(), 'filegate-gcs-'))
  await service.makeBucket('private')
  await service.put('private', 'file.txt', Buffer.from('content'))
  service.storage.addBucket(
    { name: 'public' },
    { bindings: [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }] },
  )
  await service.put('public', 'file.txt', Buffer.from('content'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const driver of drivers.splice(0)) await driver.close?.()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await service.close()
})

type Given = Readonly<Record<string, unknown>>

async function connect(options: Given, context: OpenContext = {}): Promise<StorageDriver> {
  const driver = await connectTo({ endpoint: service.endpoint, ...options }, { retries: { attempts: 1 }, ...context })
  drivers.push(driver)
  return driver
}

const project = { project_number: '123456789012' }

function fileOf(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const read = async (driver: StorageDriver, bucket = 'private'): Promise<string> =>
  new Response((await driver.read(parsePath(`${bucket}/file.txt`))).body).text()

describe('logging in', () => {
  it('with the key of a service account, as JSON, as an object and from a file', async () => {
    const key = await service.tokens.addServiceAccount('json')
    const ways = [
      { service_account_credentials: JSON.stringify(key) },
      { service_account_credentials: { ...key } },
      { service_account_file: fileOf('key.json', key) },
    ]
    for (const way of ways) expect(await read(await connect(way))).toBe('content')
  })

  it('with the project of the key, where no other is named', async () => {
    const key = await service.tokens.addServiceAccount('project')
    const { items } = await (await connect({ service_account_credentials: { ...key } })).list(parsePath(''))
    expect(items.map(({ name }) => name).sort()).toEqual(['private', 'public'])
  })

  it('asks for a token once, however many need it, and again before it expires', async () => {
    const key = await service.tokens.addServiceAccount('once')
    const driver = await connect({ service_account_credentials: { ...key } })
    service.tokens.forget()
    await Promise.all(Array.from({ length: 10 }, () => read(driver)))
    expect(service.tokens.requests).toHaveLength(0)
    service.tokens.endTokens()
    await Promise.all(Array.from({ length: 10 }, () => read(driver)))
    expect(service.tokens.requests.length).toBeLessThanOrEqual(2)
  })

  it('with an access token as it is, which is not renewed', async () => {
    const driver = await connect({ access_token: service.tokens.issue('me@example.com', [scope]), ...project })
    expect(await read(driver)).toBe('content')
    service.tokens.endTokens()
    await expect(read(driver)).rejects.toMatchObject({
      code: 'Unauthenticated',
      message: expect.stringMatching(/new one/),
    })
  })

  it('with the token of a user, which is renewed and kept before it is used', async () => {
    const login = service.tokens.addUser('me@example.com', [scope])
    const blob = {
      access_token: 'old',
      token_type: 'Bearer',
      refresh_token: login.refreshToken,
      expiry: '2020-01-01T00:00:00Z',
    }
    const saved: string[] = []
    service.storage.forget()
    const options = { token: JSON.stringify(blob), client_id: login.clientId, client_secret: login.clientSecret }
    const driver = await connect(
      { ...options, token_url: service.tokens.tokenUri },
      {
        saveToken: async (token) => {
          // Nothing may have been asked with the new token yet.
          expect(service.storage.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
          saved.push(token)
        },
      },
    )
    expect(await read(driver)).toBe('content')
    expect(saved).toHaveLength(1)
    expect(JSON.parse(saved[0] ?? '')).toMatchObject({ token_type: 'Bearer', refresh_token: login.refreshToken })
    const again = await connect({ token: saved[0], endpoint: service.endpoint })
    expect(await read(again)).toBe('content')
  })

  it('with a token in the words of long ago, or one that does not expire', async () => {
    const access = service.tokens.issue('me@example.com', [scope])
    for (const token of [
      { AccessToken: access, RefreshToken: '', Expiry: '0001-01-01T00:00:00Z' },
      { access_token: access },
    ]) {
      expect(await read(await connect({ token }))).toBe('content')
    }
  })

  it('as the OAuth client itself', async () => {
    const { clientId: client_id, clientSecret: client_secret } = service.tokens.addClient('app@example.com')
    const options = { client_credentials: true, client_id, client_secret, token_url: service.tokens.tokenUri }
    expect(await read(await connect(options))).toBe('content')
  })

  it('not at all, which reads public buckets only', async () => {
    const driver = await connect({ anonymous: true })
    expect(await read(driver, 'public')).toBe('content')
    await expect(read(driver)).rejects.toThrow('without a login')
    expect((await connect({ anonymous: true, ...project })).provider).toBe('google-cloud-storage')
  })

  it('in the order in which the ways are documented', async () => {
    const access = service.tokens.issue('me@example.com', [scope])
    const wrong = { token: { access_token: 'nonsense' } }
    expect(await read(await connect({ access_token: access, ...wrong }))).toBe('content')
    expect(await read(await connect({ anonymous: true, access_token: 'nonsense' }), 'public')).toBe('content')
  })
})

describe('logging in with what the machine has', () => {
  const env = async (path: string, more: Given = {}, context: OpenContext = {}): Promise<StorageDriver> => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
    return connect({ env_auth: true, ...more }, context)
  }

  it('takes the key of a service account', async () => {
    const key = await service.tokens.addServiceAccount('machine')
    expect(await read(await env(fileOf('machine.json', key)))).toBe('content')
  })

  it('takes the login of a user, also from where gcloud leaves it', async () => {
    const login = service.tokens.addUser('dev@example.com', ['https://www.googleapis.com/auth/cloud-platform'])
    const content = {
      type: 'authorized_user',
      client_id: login.clientId,
      client_secret: login.clientSecret,
      refresh_token: login.refreshToken,
      token_uri: service.tokens.tokenUri,
    }
    expect(await read(await env(fileOf('user.json', content)))).toBe('content')
    fileOf('application_default_credentials.json', content)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
    vi.stubEnv('CLOUDSDK_CONFIG', folder)
    expect(await read(await connect({ env_auth: true }))).toBe('content')
    rmSync(join(folder, 'application_default_credentials.json'))
  })

  it('takes the account of the machine itself', async () => {
    const { client_email: email } = await service.tokens.addServiceAccount('attached')
    service.tokens.attach(email)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
    vi.stubEnv('CLOUDSDK_CONFIG', folder)
    vi.stubEnv('GCE_METADATA_HOST', new URL(service.tokens.endpoint).host)
    expect(await read(await connect({ env_auth: true }))).toBe('content')
  })

  it('never runs a program, however deep it is named', async () => {
    const external = {
      type: 'external_account',
      credential_source: { executable: { command: `touch ${join(folder, 'ran')}`, timeout_millis: 5000 } },
    }
    for (const content of [external, { type: 'impersonated_service_account', source_credentials: external }]) {
      await expect(env(fileOf('program.json', content))).rejects.toThrow('none is run here')
    }
  })

  it('is asked for before it is lent', async () => {
    const lendCredentials = async (): Promise<never> => {
      throw new Error('not lent')
    }
    await expect(connect({ env_auth: true }, { lendCredentials })).rejects.toThrow('not lent')
  })

  it('goes to hosts of Google only, or where the operator of the machine says', async () => {
    const key = await service.tokens.addServiceAccount('lent')
    const elsewhere = { endpoint: 'https://storage.example.invalid', project_number: '1' }
    // No name server is asked, which may take its time to say that there is no such host.
    const lookup: NonNullable<ConstructorParameters<typeof HttpAgent>[0]>['lookup'] = (_name, _options, found) =>
      found(Object.assign(new Error('nobody there'), { code: 'ENOTFOUND' }), '', 4)
    const offline = { agents: { http: new HttpAgent({ lookup }), https: new HttpsAgent({ lookup }) } }
    const refused = /^endpoint: .*sent to hosts of Google only/
    const path = fileOf('lent.json', key)
    await expect(env(path, elsewhere, offline)).rejects.toThrow(refused)
    await expect(connect({ service_account_file: path, ...elsewhere }, offline)).rejects.toThrow(refused)
    const unreachable = { code: 'Unavailable', message: expect.not.stringMatching(refused) }
    await expect(connect({ service_account_credentials: key, ...elsewhere }, offline)).rejects.toMatchObject(
      unreachable,
    )
    vi.stubEnv('FILEGATE_CREDENTIALS_HOSTS', 'example.invalid')
    await expect(env(path, elsewhere, offline)).rejects.toMatchObject(unreachable)
  })

  it('says when its file cannot be read', async () => {
    for (const path of [join(folder, 'missing.json'), fileOf('text.json', 'marker-content')]) {
      await expect(env(path)).rejects.toThrow(/GOOGLE_APPLICATION_CREDENTIALS(?!.*marker)/)
    }
  })
})

describe('a login that does not work', () => {
  const refresh = (
    login: { clientId: string; clientSecret: string; refreshToken: string },
    changes: Given = {},
  ): Given => ({
    token: { access_token: '', refresh_token: login.refreshToken, expiry: '2020-01-01T00:00:00Z' },
    client_id: login.clientId,
    client_secret: login.clientSecret,
    token_url: service.tokens.tokenUri,
    ...changes,
  })

  it('is told in plain words', async () => {
    const key = await service.tokens.addServiceAccount('gone')
    const login = service.tokens.addUser('gone@example.com', [scope])
    service.tokens.removeKeys(key.client_email)
    const revoked = service.tokens.addUser('revoked@example.com', [scope])
    service.tokens.revoke(revoked.refreshToken)
    const pem = '-----BEGIN PRIVATE KEY-----\nmarker\n-----END PRIVATE KEY-----\n'
    const cases: readonly (readonly [Given, RegExp])[] = [
      [{}, /Nothing says how to log in/],
      [
        { client_id: 'app', auth_url: 'https://accounts.example.com/o' },
        /token: is required.*https:\/\/accounts\.example\.com\/o\?client_id=app/,
      ],
      [{ service_account_credentials: { ...key } }, /does not accept these credentials/],
      [{ service_account_credentials: { ...key, private_key: pem } }, /private_key .* cannot be read/],
      [
        { service_account_file: join(folder, 'nowhere.json') },
        /service_account_file: .*could not be loaded: the file cannot be read/,
      ],
      [
        { service_account_file: fileOf('marker.json', 'marker-content') },
        /service_account_file: .*could not be loaded: it is not the key/,
      ],
      [{ access_token: 'marker-token', ...project }, /did not accept the access token/],
      [{ access_token: 'marker-token' }, /did not accept the access token/],
      [refresh(revoked), /access was taken back/],
      [refresh(login, { client_secret: 'marker-secret' }), /client_id and client_secret/],
      [refresh(login, { token_url: `${service.tokens.endpoint}/nothing` }), /Check token_url/],
      [refresh(login, { client_id: '' }), /client_id: is needed to renew/],
      [{ token: { access_token: '', expiry: '2020-01-01T00:00:00Z' } }, /neither an access_token nor a refresh_token/],
    ]
    for (const [options, problem] of cases) {
      const refused = await connect(options).then(
        () => new Error('connected'),
        (error: Error) => error,
      )
      expect(refused.message).toMatch(problem)
      expect(refused.message).not.toMatch(/marker-(?:token|secret|content)/)
    }
  })

  it('passes where the token endpoint is only out of order for a moment', async () => {
    const key = await service.tokens.addServiceAccount('later')
    service.tokens.fail(503)
    await expect(connect({ service_account_credentials: { ...key } })).rejects.toMatchObject({ code: 'Unavailable' })
    expect(await read(await connect({ service_account_credentials: { ...key } }))).toBe('content')
  })
})
