import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parseOptions } from '@filegate/core/options'
import { toStorageError } from '@filegate/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { selfSigned } from '../../../../test/e2e/self-signed.ts'
import { type Entra, startEntra } from '../../../../test/simulators/entra/start-entra.ts'
import { options as blobOptions } from '../blob/options.ts'
import { type Connections, createConnections } from '../http/agents.ts'
import { classifyLogin } from './errors.ts'
import { logIn } from './log-in.ts'

const registered = selfSigned('rsa')
const application = { clientId: 'app', secret: 'a secret' }
const certified = { clientId: 'certified', certificates: [registered.certificate] }
const chained = { clientId: 'chained', certificates: [registered.certificate], needsChain: true }
const usual = getCACertificates('default')
const scope = 'https://storage.azure.com/.default'

describe('a login by a token', () => {
  let entra: Entra
  let folder: string
  let connections: Connections

  beforeAll(async () => {
    entra = await startEntra({
      applications: [application, certified, chained],
      users: [
        { name: 'ann@contoso.com', password: 'right' },
        { name: 'bob@contoso.com', password: 'right', needsSecondFactor: true },
      ],
      identities: [
        { clientId: 'c1', objectId: 'o1', resourceId: '/r1', ofSystem: true },
        { clientId: 'c2', objectId: 'o2', resourceId: '/r2' },
      ],
    })
    setDefaultCACertificates([...usual, entra.certificate])
    folder = await mkdtemp(join(tmpdir(), 'filegate-azure-'))
    await writeFile(join(folder, 'certificate.pem'), `${registered.certificate}\n${registered.key}`)
    const principal = { appId: application.clientId, password: application.secret, tenant: entra.tenant }
    await writeFile(join(folder, 'principal.json'), JSON.stringify(principal))
    await writeFile(join(folder, 'half.json'), JSON.stringify({ appId: 'app' }))
    connections = createConnections({})
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    connections.close()
    setDefaultCACertificates(usual)
    await entra.close()
    await rm(folder, { recursive: true })
  })

  /** The token that the options get, or what users are told. */
  async function tokenOf(given: Readonly<Record<string, unknown>>): Promise<string> {
    vi.stubEnv('AZURE_AUTHORITY_HOST', entra.authority)
    const common = { account: 'someaccount', disable_instance_discovery: true }
    const login = await logIn(parseOptions(blobOptions, { ...common, ...given }), 'blob', connections)
    if (login.way.kind !== 'token') throw new Error(`a login by ${login.way.kind}`)
    try {
      return (await login.way.credential.getToken(scope))?.token ?? ''
    } catch (error) {
      throw toStorageError(error, { provider: 'azureblob', operation: 'connect', path: '' }, classifyLogin)
    }
  }
  const app = (more: object = {}) => ({ tenant: entra.tenant, client_id: 'app', client_secret: 'a secret', ...more })
  const file = (name: string): string => join(folder, name)
  const byCertificate = (id: string, more: object = {}) => ({
    tenant: entra.tenant,
    client_id: id,
    client_certificate_path: file('certificate.pem'),
    ...more,
  })
  const byUser = (username: string, password: string) => ({
    tenant: entra.tenant,
    client_id: 'app',
    username,
    password,
  })
  const claims = (token: string): unknown => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

  it.each([
    ['a secret', () => app(), { appid: 'app' }],
    ['a certificate', () => byCertificate('certified'), { appid: 'certified' }],
    [
      'a certificate with its chain',
      () => byCertificate('chained', { client_send_certificate_chain: true }),
      { appid: 'chained' },
    ],
    ['a user', () => byUser('ann@contoso.com', 'right'), { upn: 'ann@contoso.com' }],
    ['a file of a service principal', () => ({ service_principal_file: file('principal.json') }), { appid: 'app' }],
  ])('comes by %s', async (_way, given, expected) => {
    const token = await tokenOf(given())
    expect(entra.checkToken(token)).toBeUndefined()
    expect(claims(token)).toMatchObject(expected)
  })

  it.each([
    ['the only one there is', {}, 'c1'],
    ['its client', { msi_client_id: 'c2' }, 'c2'],
    ['its object', { msi_object_id: 'o2' }, 'c2'],
    ['its resource', { msi_mi_res_id: '/r2' }, 'c2'],
  ])('comes by a managed identity of a virtual machine, named by %s', async (_by, which, appid) => {
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', entra.metadata)
    const token = await tokenOf({ use_msi: true, ...which })
    expect(entra.checkToken(token)).toBeUndefined()
    expect(claims(token)).toMatchObject({ appid })
  })

  it.each([
    ['a managed identity', () => ({ use_msi: true })],
    ['the environment', () => ({ env_auth: true })],
    ['the program az', () => ({ use_az: true })],
    ['an application that an identity stands surety for', () => ({ tenant: 't', client_id: 'c', msi_client_id: 'c1' })],
    ['a file of a service principal', () => ({ service_principal_file: file('principal.json') })],
    ['a certificate', () => byCertificate('certified')],
  ])('of %s goes to Azure only, or where the operator of the machine says', async (_way, given) => {
    const elsewhere = { ...given(), endpoint: 'https://storage.example.org' }
    await expect(tokenOf(elsewhere)).rejects.toThrow(/^endpoint: .*sent to hosts of Azure Storage only/)
    const ready = (endpoint: string) =>
      logIn(parseOptions(blobOptions, { ...given(), endpoint }), 'blob', connections).then(({ way }) => way.kind)
    expect(await ready('https://someaccount.z01.blob.storage.azure.net')).toBe('token')
    vi.stubEnv('FILEGATE_CREDENTIALS_HOSTS', 'example.org')
    expect(await ready('https://storage.example.org')).toBe('token')
  })

  it('that whoever connects has given itself goes to any endpoint', async () => {
    const own = { tenant: entra.tenant, client_id: 'app', client_secret: 'a secret' }
    const token = await tokenOf({ ...own, endpoint: 'https://storage.example.org' })
    expect(claims(token)).toMatchObject({ appid: 'app' })
  })

  it('comes by a managed identity of App Service', async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', entra.identityEndpoint)
    vi.stubEnv('IDENTITY_HEADER', entra.identityHeader)
    expect(claims(await tokenOf({ use_msi: true, msi_client_id: 'c2' }))).toMatchObject({ appid: 'c2' })
  })

  it('comes by the environment: an application first, then a managed identity, then az', async () => {
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', entra.metadata)
    await fakeAz('az-token')
    expect(claims(await tokenOf({ env_auth: true }))).toMatchObject({ appid: 'c1' })
    vi.stubEnv('AZURE_TENANT_ID', entra.tenant)
    vi.stubEnv('AZURE_CLIENT_ID', 'app')
    vi.stubEnv('AZURE_CLIENT_SECRET', 'a secret')
    expect(claims(await tokenOf({ env_auth: true }))).toMatchObject({ appid: 'app' })
    vi.unstubAllEnvs()
    // Nothing listens there, and the library remembers no token of this one.
    vi.stubEnv('AZURE_CLIENT_ID', 'never-asked-for')
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', 'http://127.0.0.1:9')
    await fakeAz('az-token')
    expect(await tokenOf({ env_auth: true })).toBe('az-token')
  })

  it('comes by the program az, and says so when that is not logged in', async () => {
    await fakeAz('az-token')
    expect(await tokenOf({ use_az: true, tenant: 'contoso.com' })).toBe('az-token')
    await fakeAz(undefined)
    await expect(tokenOf({ use_az: true })).rejects.toThrow('Run az login')
    vi.stubEnv('PATH', folder)
    await rm(file('az'))
    await expect(tokenOf({ use_az: true })).rejects.toThrow('The program az is not there')
  })

  it.each([
    [() => app({ client_secret: 'wrong' }), 'client_secret'],
    [() => app({ client_id: 'nobody' }), 'client_id'],
    [() => app({ tenant: '00000000-0000-0000-0000-000000000000' }), 'no such tenant'],
    [() => byUser('ann@contoso.com', 'wrong'), 'user name or the password'],
    [() => byUser('bob@contoso.com', 'right'), 'second factor'],
    [() => byCertificate('app'), 'client_certificate_path'],
    [
      () => byCertificate('certified', { client_certificate_path: file('gone.pem') }),
      'client_certificate_path: the file cannot be read',
    ],
    [() => ({ service_principal_file: file('half.json') }), 'appId, password and tenant'],
    [() => ({ service_principal_file: file('certificate.pem') }), 'appId, password and tenant'],
  ])('that fails says which option is wrong, and no secret', async (given, said) => {
    const message = await tokenOf(given()).then(
      () => 'a token',
      (error: unknown) => String(error),
    )
    expect(message).toContain(said)
    expect(message).not.toMatch(/a secret|right\b|Trace|Correlation/)
  })

  it('says when the machine has no identity, and when the service for tokens is busy', async () => {
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', entra.metadata)
    await expect(tokenOf({ use_msi: true, msi_client_id: 'nobody' })).rejects.toThrow('managed identity')
    entra.throttle(1)
    await expect(tokenOf(app())).rejects.toMatchObject({ fate: 'temporary' })
  })

  it('is sent over connections that are given, and a refusal of theirs comes through', async () => {
    const refusing = createConnections({})
    const sent: string[] = []
    const client = {
      sendRequest: (request: { url: string }) => {
        sent.push(new URL(request.url).pathname)
        return refusing.client.sendRequest(Object.assign(request))
      },
    }
    vi.stubEnv('AZURE_AUTHORITY_HOST', entra.authority)
    const given = parseOptions(blobOptions, { account: 'someaccount', disable_instance_discovery: true, ...app() })
    const login = await logIn(given, 'blob', { ...refusing, client })
    if (login.way.kind === 'token') await login.way.credential.getToken(scope)
    expect(sent.at(-1)).toBe(`/${entra.tenant}/oauth2/v2.0/token`)
    refusing.close()
  })

  async function fakeAz(token: string | undefined): Promise<void> {
    const answer = JSON.stringify({ accessToken: token, expires_on: Math.floor(Date.now() / 1000) + 3600 })
    const script =
      token === undefined ? `echo "Please run 'az login' to setup account." >&2; exit 1` : `echo '${answer}'`
    await writeFile(file('az'), `#!/bin/sh\n${script}\n`)
    await chmod(file('az'), 0o755)
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  }
})
