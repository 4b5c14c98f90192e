import { once } from 'node:events'
import { createServer } from 'node:http'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob'
import { collectBytes, openDriver, parsePath, requireMethods, StorageError, streamBytes } from '@filegate/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { selfSigned } from '../../../../test/e2e/self-signed.ts'
import { startEntra } from '../../../../test/simulators/entra/start-entra.ts'
import { azureblob } from '../index.ts'
import { account, type Azurite, key, startAzurite } from '../testing/azurite.ts'
import { accountSignature, connectTo, independentClient } from '../testing/blob-harness.ts'
import { type FaultyProxy, faultyProxy } from '../testing/faulty-proxy.ts'

const inAnHour = (): Date => new Date(Date.now() + 3_600_000)
const namesAt = async (driver: Awaited<ReturnType<typeof connectTo>>, path: string): Promise<string[]> =>
  (await driver.list(parsePath(path))).items.map(({ name }) => name).sort()
const text = new TextEncoder().encode('some text')

describe('connecting to Azure Blob Storage', () => {
  let server: Azurite
  let proxy: FaultyProxy
  let client: BlobServiceClient
  let endpoint: string

  beforeAll(async () => {
    server = await startAzurite()
    proxy = await faultyProxy(server.port)
    client = independentClient(server.url)
    endpoint = server.url.replace(String(server.port), String(proxy.port))
    for (const name of ['first', 'second']) {
      await client.createContainer(name)
      await client.getContainerClient(name).uploadBlockBlob('a/b.txt', text, text.length)
    }
  })
  afterEach(() => vi.unstubAllEnvs())
  afterAll(async () => {
    await proxy.close()
    await server.stop()
  })

  const open = (options: Readonly<Record<string, unknown>>, context = {}) => openDriver(azureblob, options, context)
  const messageOf = async (options: Readonly<Record<string, unknown>>, context = {}): Promise<string> =>
    open(options, { retries: { attempts: 1 }, ...context }).then(
      () => 'connected',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    )

  it('with the signature of one container shows that one only, and never makes or deletes it', async () => {
    const container = client.getContainerClient('first')
    const permissions = ContainerSASPermissions.parse('rwdl')
    const url = await container.generateSasUrl({ permissions, expiresOn: inAnHour() })
    const driver = requireMethods(await open({ sas_url: url }), 'write', 'remove', 'copy')
    expect(await namesAt(driver, '')).toEqual(['first'])
    expect(await namesAt(driver, 'first')).toEqual(['a'])
    await driver.write(parsePath('first/c.txt'), { body: streamBytes(text) })
    await driver.copy(parsePath('first/c.txt'), { destination: parsePath('first/d.txt') })
    expect(await collectBytes((await driver.read(parsePath('first/d.txt'))).body)).toEqual(text)
    await expect(driver.stat(parsePath('second/a/b.txt'))).rejects.toMatchObject({ code: 'AccessDenied' })
    await driver.remove(parsePath('first'))
    expect(await container.exists()).toBe(true)
    await container.uploadBlockBlob('a/b.txt', text, text.length)
  })

  it('with the signature of an account shows all containers', async () => {
    const driver = await open({ sas_url: `${server.url}?${accountSignature('rl')}` })
    expect(await namesAt(driver, '')).toEqual(['first', 'second'])
    expect((await driver.read(parsePath('first/a/b.txt'))).entry).toMatchObject({ size: 9 })
  })

  it('says what is wrong: the key, the signature, the container, the account, the host, no Azure at all', async () => {
    const site = createServer((_request, response) => response.end('<html>Welcome</html>'))
    await once(site.listen(0, '127.0.0.1'), 'listening')
    const address = site.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const lookup: NonNullable<ConstructorParameters<typeof HttpAgent>[0]>['lookup'] = (_name, _options, found) =>
      found(Object.assign(new Error('nobody there'), { code: 'ENOTFOUND' }), '', 4)
    const agents = { http: new HttpAgent({ lookup }), https: new HttpsAgent({ lookup }) }
    const missing = await client
      .getContainerClient('missing')
      .generateSasUrl({ permissions: ContainerSASPermissions.parse('rl'), expiresOn: inAnHour() })

    expect(await messageOf({ account, endpoint, key: 'd3Jvbmc=' })).toBe(
      `The key is not one of the account '${account}', or its firewall forbids this network, or the clock here is wrong.`,
    )
    expect(await messageOf({ sas_url: missing.replace(/sig=[^&]*/, 'sig=wrong') })).toContain('signature of sas_url')
    expect(await messageOf({ sas_url: missing })).toBe(`There is no container 'missing' in the account '${account}'.`)
    expect(await messageOf({ account: 'nosuchaccount', key }, { agents })).toBe(
      "There is no storage account 'nosuchaccount': the host nosuchaccount.blob.core.windows.net is unknown.",
    )
    expect(await messageOf({ account, key, endpoint: `http://127.0.0.1:${port}/${account}` })).toContain(
      'Check endpoint',
    )
    expect(await messageOf({ account, key, endpoint: 'http://127.0.0.1:9/x' })).toContain('nothing listens')
    expect(await messageOf({ account: 'other', key, endpoint: `http://127.0.0.1:${server.port}/other` })).toContain(
      "'other'",
    )
    site.closeAllConnections()
    site.close()
  })

  it('keeps to the connections that are given, and a refusal of theirs comes through', async () => {
    const lookup: NonNullable<ConstructorParameters<typeof HttpAgent>[0]>['lookup'] = (_name, _options, found) =>
      found(new StorageError('AccessDenied', 'That address is private.'), '', 4)
    const agents = { http: new HttpAgent({ lookup }), https: new HttpsAgent({ lookup }) }
    expect(await messageOf({ account: 'someaccount', key }, { agents })).toBe('That address is private.')
    const app = { account: 'someaccount', tenant: 't', client_id: 'c', client_secret: 's' }
    expect(await messageOf(app, { agents })).toBe('That address is private.')
  })

  it('a service that is busy or out of order says so, and recovers', async () => {
    proxy.control.fail({ kind: 'throttled', retryAfter: 7 }, 1)
    const once = open({ account, key, endpoint }, { retries: { attempts: 1 } })
    await expect(once).rejects.toMatchObject({ code: 'Throttled', retryAfter: 7 })
    await (await open({ account, key, endpoint })).close?.()
  })

  it('asks with HEAD, or never', async () => {
    const heads = async (options: object): Promise<number> => {
      const driver = await connectTo(endpoint, { ...options })
      const from = proxy.seen.length
      await driver.stat(parsePath('first/a/b.txt'))
      await collectBytes((await driver.read(parsePath('first/a/b.txt'), { range: { suffix: 4 } })).body)
      await driver.close?.()
      return proxy.seen.slice(from).filter(({ method }) => method === 'HEAD').length
    }
    expect(await heads({})).toBe(2)
    expect(await heads({ no_head_object: true })).toBe(0)
  })

  it('links let strangers read a file until they expire', async () => {
    const driver = requireMethods(await connectTo(endpoint), 'publicLink')
    const link = await driver.publicLink(parsePath('first/a/b.txt'), { expiresIn: 60 })
    expect(await (await fetch(link)).text()).toBe('some text')
    await expect(driver.publicLink(parsePath('first/a/b.txt'), { expiresIn: 0 })).rejects.toThrow('from 1 to')
    await expect(driver.publicLink(parsePath('first/none'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('understands the directories of Hadoop: blobs beside what they hold', async () => {
    const metadata = { hdi_isfolder: 'true' }
    const container = client.getContainerClient('hadoop')
    await container.create()
    for (const name of ['full', 'empty', 'full/deep'])
      await container.getBlockBlobClient(name).upload('', 0, { metadata })
    await container.uploadBlockBlob('full/a.txt', text, text.length)
    await container.uploadBlockBlob('full-2/b.txt', text, text.length)
    const driver = requireMethods(await connectTo(endpoint), 'walk', 'remove', 'copy')
    const kinds = async (path: string) =>
      (await driver.list(parsePath(path))).items.map(({ kind, name }) => `${kind} ${name}`).sort()
    expect(await kinds('hadoop')).toEqual(['directory empty', 'directory full', 'directory full-2'])
    expect(await kinds('hadoop/full')).toEqual(['directory deep', 'file a.txt'])
    expect(await kinds('hadoop/empty')).toEqual([])
    for (const path of ['hadoop/empty', 'hadoop/full', 'hadoop/full/deep']) {
      expect(await driver.stat(parsePath(path))).toMatchObject({ kind: 'directory' })
      await expect(driver.read(parsePath(path))).rejects.toMatchObject({ code: 'IsADirectory' })
    }
    const walked = (await driver.walk(parsePath('hadoop'))).items.map(({ path }) => path)
    expect(new Set(walked).size).toBe(walked.length)
    await driver.copy(parsePath('hadoop/full'), { destination: parsePath('hadoop/copy') })
    expect(await kinds('hadoop/copy')).toEqual(['directory deep', 'file a.txt'])
    await driver.remove(parsePath('hadoop/copy'))
    await driver.remove(parsePath('hadoop/full'))
    await driver.remove(parsePath('hadoop/empty'))
    expect(await kinds('hadoop')).toEqual(['directory full-2'])
  })

  it('no name leads out of its container', async () => {
    const driver = requireMethods(await connectTo(endpoint), 'write')
    // What a path has in the place of a name that is two dots.
    for (const path of [
      'first/\u2024\u2024/second/a/b.txt',
      'first/%2e%2e/second/a/b.txt',
      'first/．．/second/a/b.txt',
    ]) {
      await expect(driver.stat(parsePath(path))).rejects.toMatchObject({ code: 'NotFound' })
    }
  })

  it('deprecated options are accepted and say so', async () => {
    const lines: string[] = []
    const note = (message: string): void => void lines.push(message)
    const log = { debug: note, info: note, warn: note }
    await open(
      { account, key, endpoint, upload_cutoff: '200M', memory_pool_flush_time: 1, memory_pool_use_mmap: true },
      { log },
    )
    expect(lines.filter((line) => line.includes('deprecated'))).toHaveLength(3)
  })
})

describe('connecting to Azure Blob Storage with a token', () => {
  it('reads and writes over https, with one token for all requests', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'filegate-azure-'))
    const identity = selfSigned()
    await writeFile(join(folder, 'cert.pem'), identity.certificate)
    await writeFile(join(folder, 'key.pem'), identity.key)
    const secure = ['--oauth', 'basic', '--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')]
    const server = await startAzurite(...secure)
    const entra = await startEntra({ applications: [{ clientId: 'app', secret: 'secret' }] })
    const usual = getCACertificates('default')
    setDefaultCACertificates([...usual, entra.certificate, identity.certificate])
    vi.stubEnv('AZURE_AUTHORITY_HOST', entra.authority)
    try {
      const login = {
        tenant: entra.tenant,
        client_id: 'app',
        client_secret: 'secret',
        disable_instance_discovery: true,
      }
      const given = { account, endpoint: server.url, ...login }
      const driver = requireMethods(await openDriver(azureblob, given), 'write')
      await driver.write(parsePath('by-token/a.txt'), { body: streamBytes(text) })
      expect(await collectBytes((await driver.read(parsePath('by-token/a.txt'))).body)).toEqual(text)
      expect('publicLink' in driver).toBe(false)
      expect(entra.requests.filter((line) => line.includes('client_credentials 200'))).toHaveLength(1)
      await driver.close?.()
    } finally {
      vi.unstubAllEnvs()
      setDefaultCACertificates(usual)
      await entra.close()
      await server.stop()
      await rm(folder, { recursive: true })
    }
  })
})
