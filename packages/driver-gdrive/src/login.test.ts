import { isGrantLost } from '@filegate/core/oauth'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { names, put } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
let folder: string
beforeAll(async () => {
  service = await startDriveService()
  folder = await mkdtemp(join(tmpdir(), 'filegate-drive-'))
})
beforeEach(() => {
  service.drive.forget()
  service.drive.tokens.forget()
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})

const scope = 'https://www.googleapis.com/auth/drive'
const long = 3_600_000

/** The token of a user, and the client that it is of. */
function login(access: string, expiry = Date.now() + long) {
  const { tokens, user } = service.drive
  const { clientId, clientSecret, refreshToken } = tokens.addUser(user.email, [scope])
  const blob = { access_token: access, refresh_token: refreshToken, expiry: new Date(expiry).toISOString() }
  return { refreshToken, options: { token: JSON.stringify(blob), client_id: clientId, client_secret: clientSecret } }
}

describe('the token of a user', () => {
  it('is renewed before it expires, and kept before it is used', async () => {
    const { options } = login('spent', Date.now() - 1)
    const kept: string[] = []
    const driver = await service.connect(options, { saveToken: async (token) => void kept.push(token) })
    expect(await names(driver)).toEqual([])
    expect(kept).toHaveLength(1)
    expect(service.drive.tokens.requests.map(({ grant }) => grant)).toEqual(['refresh_token'])
    expect(service.drive.requests.every(({ headers }) => headers.authorization !== 'Bearer spent')).toBe(true)
  })

  it('is renewed at the address of token_url', async () => {
    const { options } = login('spent', 0)
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(String(input instanceof Request ? input.url : input))
      return Response.json({ error: 'invalid_client' }, { status: 401 })
    }
    const connecting = service.connect({ ...options, token_url: 'https://own.example/token' }, { fetch })
    await expect(connecting).rejects.toThrow('Check client_id and client_secret')
    expect(asked).toEqual(['https://own.example/token'])
  })

  it('that was revoked says that access has to be allowed anew', async () => {
    const { options, refreshToken } = login('unknown')
    service.drive.tokens.revoke(refreshToken)
    const error = await service.connect(options).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'Unauthenticated', message: expect.stringContaining('Allow it anew') })
    expect(isGrantLost(error)).toBe(true)
  })

  it('that expired and cannot be renewed says so', async () => {
    const token = JSON.stringify({ access_token: 'old', expiry: '2020-01-01T00:00:00Z' })
    const error = await service.connect({ token }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ message: expect.stringContaining('no refresh_token') })
    expect(isGrantLost(error)).toBe(true)
  })

  it('without the scope that is needed names it', async () => {
    const token = JSON.stringify({ access_token: service.drive.issueToken(['drive.readonly']) })
    const driver = await service.connect({ token, scope: 'drive.readonly' })
    expect(await names(driver)).toEqual([])
    await expect(put(driver, 'a.txt')).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('with the scope drive'),
    })
  })

  it('of an app sees with drive.file what it has made', async () => {
    service.drive.add({ name: 'not mine.txt' })
    const token = JSON.stringify({ access_token: service.drive.issueToken(['drive.file']) })
    const driver = await service.connect({ token, scope: 'drive.file' })
    await put(driver, 'made/mine.txt')
    expect(await names(driver)).toEqual(['made'])
    expect(await names(driver, 'made')).toEqual(['mine.txt'])
    await driver.remove?.(parsePath('made'))
  })

  it('is needed', async () => {
    const error = await service.connect({ token: '' }).catch((reason: unknown) => reason)
    expect(isGrantLost(error)).toBe(true)
  })
})

describe('a service account', () => {
  it('logs in with its key, as JSON or in a file, for the scopes of the options', async () => {
    const key = await service.drive.tokens.addServiceAccount('robot')
    const file = join(folder, 'key.json')
    await writeFile(file, JSON.stringify(key))
    for (const options of [{ service_account_credentials: JSON.stringify(key) }, { service_account_file: file }]) {
      const driver = await service.connect({ ...options, scope: 'drive.readonly,drive.file' })
      expect(await names(driver)).toEqual([])
      const claims = claimsOf(service.drive.tokens.requests.at(-1)?.form.get('assertion'))
      expect(claims).toMatchObject({ iss: key.client_email, scope: `${scope}.readonly ${scope}.file` })
      expect(claims).not.toHaveProperty('sub')
    }
  })

  it('acts in the name of a user with impersonate, where that is allowed', async () => {
    const key = await service.drive.tokens.addServiceAccount('delegate')
    service.drive.add({ name: 'of the user.txt' })
    const options = { service_account_credentials: JSON.stringify(key), impersonate: service.drive.user.email }
    await expect(service.connect(options)).rejects.toThrow(/For impersonate, an administrator/)
    service.drive.tokens.delegate(key.client_email, service.drive.user.email, [scope])
    expect(await names(await service.connect(options))).toContain('of the user.txt')
  })
})

describe('other logins', () => {
  it('are that of the machine with env_auth', async () => {
    const key = await service.drive.tokens.addServiceAccount('machine')
    const file = join(folder, 'machine.json')
    await writeFile(file, JSON.stringify(key))
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
    expect(await names(await service.connect({ env_auth: true }))).toEqual([])
    const claims = claimsOf(service.drive.tokens.requests.at(-1)?.form.get('assertion'))
    expect(claims).toMatchObject({ iss: key.client_email, scope })
    const refused = { lendCredentials: () => Promise.reject(new Error('not lent')) }
    await expect(service.connect({ env_auth: true }, refused)).rejects.toThrow('not lent')
  })

  it('are the client itself with client_credentials, where the endpoint gives tokens for that', async () => {
    const { clientId, clientSecret } = service.drive.tokens.addClient(service.drive.user.email)
    const options = { client_credentials: true, client_id: clientId, client_secret: clientSecret }
    await names(await service.connect(options))
    expect(service.drive.tokens.requests.at(-1)).toMatchObject({ grant: 'client_credentials' })
    const user = service.drive.tokens.addUser(service.drive.user.email, [scope])
    const refused = { ...options, client_id: user.clientId, client_secret: user.clientSecret }
    await expect(service.connect(refused)).rejects.toMatchObject({ code: 'InvalidArgument' })
  })
})

describe('a token', () => {
  it('goes to nobody but Google', async () => {
    const driver = await service.connect({ export_formats: 'txt' }, { fetch: leading('https://evil.example/x') })
    await expect(driver.read(parsePath('doc.txt'))).rejects.toThrow(/leads to another host, evil.example/)
  })

  it('that documents do not take is no reason to show the page for logins', async () => {
    const through = leading('https://docs.google.com/export')
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.hostname !== 'docs.google.com') return through(input, init)
      return Object.defineProperty(new Response('<html>Log in'), 'url', { value: 'https://accounts.google.com/login' })
    }
    const driver = await service.connect({ export_formats: 'txt' }, { fetch })
    await expect(driver.read(parsePath('doc.txt'))).rejects.toMatchObject({ code: 'Unauthenticated' })
  })

  /** Answers about one document, whose export lies elsewhere. */
  const leading =
    (link: string): typeof fetch =>
    async (input) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.pathname.endsWith('/about')) {
        return Response.json({ exportFormats: { 'application/vnd.google-apps.document': ['text/plain'] } })
      }
      if (url.pathname.endsWith('/files/root')) {
        return Response.json({ id: 'top', mimeType: 'application/vnd.google-apps.folder' })
      }
      const document = { id: '1', name: 'doc', mimeType: 'application/vnd.google-apps.document' }
      return Response.json({ files: [{ ...document, exportLinks: { 'text/plain': link } }] })
    }
})

function claimsOf(assertion: string | null | undefined): unknown {
  return JSON.parse(Buffer.from(assertion?.split('.')[1] ?? '', 'base64url').toString())
}
