import { type OpenContext, openDriver, parsePath } from '@filegate/core'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addressOf } from '../../../../test/simulators/fault-proxy.ts'
import { holdPort } from '../../../../test/simulators/held-port.ts'
import { type AzureFiles, startAzureFiles } from '../../../../test/simulators/azure-files/start-azure-files.ts'
import { startEntra } from '../../../../test/simulators/entra/start-entra.ts'
import definition from './index.ts'
import { independentClient, putFile } from './testing/files-harness.ts'

let azure: AzureFiles
const used: { close?(): Promise<void> }[] = []
beforeAll(async () => {
  azure = await startAzureFiles({ shares: ['the-share'] })
  await putFile(share(), 'hello.txt', Buffer.from('Hello'))
})
afterEach(async () => {
  for (const one of used.splice(0)) await one.close?.()
})
afterAll(() => azure.close())

const share = () => independentClient(azure).getShareClient('the-share')
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000)

async function open(options: Readonly<Record<string, unknown>>, context: OpenContext = {}) {
  const { endpoint, account, key } = azure
  const usual = 'sas_url' in options || 'connection_string' in options ? {} : { endpoint, account, key }
  const driver = await openDriver(
    definition,
    { share_name: 'the-share', ...usual, ...options },
    {
      retries: { attempts: 1 },
      ...context,
    },
  )
  used.push(driver)
  return driver
}

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  used.push({ close: async () => void server.close() })
  return `http://127.0.0.1:${addressOf(server).port}/account`
}

/** Takes what is for Microsoft's login service there instead. */
function agentTo(origin: string): HttpsAgent {
  const { hostname: host, port } = new URL(origin)
  class Redirected extends HttpsAgent {
    override createConnection(...[options, answer]: Parameters<HttpsAgent['createConnection']>) {
      const isLogin = options.host === 'login.microsoftonline.com'
      const there = isLogin ? { ...options, host, port: Number(port), servername: 'localhost' } : options
      return super.createConnection(there, answer)
    }
  }
  return new Redirected()
}

const hello = parsePath('hello.txt')

describe('connecting to Azure Files', () => {
  it('takes a token of Entra, with which everything can be done but what concerns the share', async () => {
    const entra = await startEntra({ applications: [{ clientId: 'app', secret: 'a secret' }] })
    const secure = await startAzureFiles({
      tls: true,
      shares: ['the-share'],
      checkToken: (token) => entra.checkToken(token),
    })
    used.push(entra, secure)
    const usual = getCACertificates('default')
    setDefaultCACertificates([...usual, entra.certificate, secure.certificate ?? ''])
    try {
      const application = { tenant: entra.tenant, client_id: 'app', client_secret: 'a secret' }
      const { endpoint, account } = secure
      const agents = { http: new HttpAgent(), https: agentTo(entra.authority) }
      const driver = await open({ endpoint, account, key: '', ...application }, { agents })
      await driver.write?.(parsePath('folder/a.txt'), { body: new Blob(['by token']).stream() })
      await driver.move?.(parsePath('folder/a.txt'), { destination: parsePath('b.txt') })
      expect(await new Response((await driver.read(parsePath('b.txt'))).body).text()).toBe('by token')
      await driver.remove?.(parsePath('folder'))
      expect('about' in driver).toBe(false)
      const another = { ...application, client_secret: 'another secret' }
      const wrong = open({ endpoint, account, key: '', ...another }, { agents })
      await expect(wrong).rejects.toMatchObject({ code: 'Unauthenticated', message: /client_secret/ })
      entra.revokeTokens()
      await expect(driver.stat(parsePath('b.txt'))).rejects.toMatchObject({ code: 'Unauthenticated' })
    } finally {
      setDefaultCACertificates(usual)
    }
  })

  it('takes a signed URL of the share, of which the connection can do as much as the signature permits', async () => {
    const { ShareSASPermissions: Permissions } = await import('@azure/storage-file-share')
    const permitting = (letters: string) =>
      share().generateSasUrl({ permissions: Permissions.parse(letters), expiresOn: minutes(5) })
    const whole = await open({ sas_url: permitting('rcwdl') })
    expect((await whole.list(parsePath(''))).items).toMatchObject([{ name: 'hello.txt', size: 5 }])
    await whole.write?.(parsePath('a folder/new.txt'), { body: new Blob(['new']).stream() })
    await whole.copy?.(parsePath('a folder/new.txt'), { destination: parsePath('a folder/copy.txt') })
    expect(await new Response((await whole.read(parsePath('a folder/copy.txt'))).body).text()).toBe('new')
    await whole.remove?.(parsePath('a folder'))
    expect('publicLink' in whole).toBe(false)

    const warnings: string[] = []
    const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message) }
    const reader = await open({ sas_url: permitting('r') }, { log })
    expect(warnings).toEqual(['The signature is good, but it may not list.'])
    expect(await reader.stat(hello)).toMatchObject({ size: 5 })
    await expect(reader.list(parsePath(''))).rejects.toMatchObject({ code: 'AccessDenied' })
  })

  it('takes a connection string with a key, and with a signature', async () => {
    const { endpoint, account, key } = azure
    const byKey = `AccountName=${account};AccountKey=${key};FileEndpoint=${endpoint}`
    expect(await (await open({ connection_string: byKey })).stat(hello)).toMatchObject({ size: 5 })
    const { AccountSASPermissions, generateAccountSASQueryParameters, StorageSharedKeyCredential } = await import(
      '@azure/storage-file-share'
    )
    const signature = generateAccountSASQueryParameters(
      {
        permissions: AccountSASPermissions.parse('rl'),
        services: 'f',
        resourceTypes: 'sco',
        expiresOn: minutes(5),
      },
      new StorageSharedKeyCredential(account, key),
    )
    const bySignature = `FileEndpoint=${endpoint};SharedAccessSignature=${signature.toString()}`
    expect(await (await open({ connection_string: bySignature })).stat(hello)).toMatchObject({ size: 5 })
  })

  it('says which share of which account does not exist', async () => {
    await expect(open({ share_name: 'another' })).rejects.toMatchObject({
      code: 'NotFound',
      message: `The share 'another' does not exist in the account '${azure.account}'.`,
    })
  })

  it('says that the key is not accepted, without repeating it', async () => {
    const key = Buffer.from('another key').toString('base64')
    const error = await open({ key }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'Unauthenticated',
      message: `The account '${azure.account}' did not accept the key. Check account and key.`,
    })
    expect(JSON.stringify(error)).not.toContain(key)
  })

  it('says that a signature has expired', async () => {
    const { ShareSASPermissions: Permissions } = await import('@azure/storage-file-share')
    const url = share().generateSasUrl({ permissions: Permissions.parse('rl'), expiresOn: minutes(-5) })
    await expect(open({ sas_url: url })).rejects.toMatchObject({
      code: 'Unauthenticated',
      message: expect.stringContaining('did not accept the signature of sas_url'),
    })
  })

  it('says that there is no such account', async () => {
    const unknown = { code: 'ENOTFOUND' }
    const lookup: NonNullable<ConstructorParameters<typeof HttpsAgent>[0]>['lookup'] = (_name, _options, answer) =>
      answer(Object.assign(new Error('not found'), unknown), '', 0)
    const agents = { http: new HttpAgent({ lookup }), https: new HttpsAgent({ lookup }) }
    await expect(open({ account: 'nosuchaccount', endpoint: '' }, { agents })).rejects.toMatchObject({
      code: 'Unavailable',
      fate: 'permanent',
      message: "There is no storage account 'nosuchaccount': its host does not exist. Check account and endpoint.",
    })
  })

  it.each<[string, RequestListener]>([
    ['knows no such path', (_incoming, outgoing) => outgoing.writeHead(404).end('<h1>Not here</h1>')],
    ['answers with a page', (_incoming, outgoing) => outgoing.end('<html><body>Welcome<br></body></html>')],
    ['sends elsewhere', (_incoming, outgoing) => outgoing.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
    [
      'is another service of Azure',
      (_incoming, outgoing) => outgoing.writeHead(400, { 'x-ms-error-code': 'InvalidQueryParameterValue' }).end(),
    ],
  ])('says that the endpoint is not that of Azure Files when it %s', async (_what, listener) => {
    await expect(open({ endpoint: await serving(listener) })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: 'The endpoint does not answer as Azure Files does. Check endpoint and account.',
    })
  })

  it('says that nothing listens there', async () => {
    const { port, release: close } = await holdPort()
    used.push({ close })
    await expect(open({ endpoint: `http://127.0.0.1:${port}/account` })).rejects.toMatchObject({
      code: 'Unavailable',
      message: /nothing listens/,
    })
  })

  it('ends when it is aborted', async () => {
    const controller = new AbortController()
    const endpoint = await serving(() => controller.abort())
    await expect(open({ endpoint }, { signal: controller.signal })).rejects.toMatchObject({ code: 'Aborted' })
  })
})
