import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ClientSecretCredential,
  FileSASPermissions,
  RestError,
  type ShareClient,
  ShareSASPermissions,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from '../../../packages/driver-azure/src/testing/vendor-clients.ts'
import { type Entra, startEntra } from '../entra/start-entra.ts'
import { type AzureFiles, startAzureFiles } from './start-azure-files.ts'

// Microsoft's client for JavaScript as a second opinion; test/servers has that for Python.

const usual = getCACertificates('default')
const application = { clientId: 'application', secret: 'a secret' }
const patience = { retryOptions: { maxTries: 1 } }
let entra: Entra
let azure: AzureFiles
let service: ShareServiceClient

beforeAll(async () => {
  entra = await startEntra({ applications: [application] })
  azure = await startAzureFiles({ tls: true, checkToken: entra.checkToken })
  setDefaultCACertificates([...usual, entra.certificate, azure.certificate ?? ''])
  service = new ShareServiceClient(azure.endpoint, new StorageSharedKeyCredential(azure.account, azure.key), patience)
})
afterAll(async () => {
  setDefaultCACertificates(usual)
  await Promise.all([azure.close(), entra.close()])
})

async function newShare(name: string): Promise<ShareClient> {
  const share = service.getShareClient(name)
  await share.create()
  return share
}

const codeOf = async (call: Promise<unknown>): Promise<string | undefined> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof RestError ? error.code : undefined
}

it('uploads, describes, reads, renames, copies, lists and deletes', async () => {
  const share = await newShare('everything')
  const directory = share.getDirectoryClient('Dir & é')
  await directory.create()
  const file = directory.getFileClient('a b+c%41#.txt')
  const content = Buffer.alloc(9_000_000, 'some text')
  await file.uploadData(content, { fileHttpHeaders: { fileContentType: 'text/plain' }, metadata: { one: '1' } })
  expect(await file.getProperties()).toMatchObject({
    contentLength: 9_000_000,
    contentType: 'text/plain',
    metadata: { one: '1' },
  })
  expect(content.equals(await file.downloadToBuffer())).toBe(true)
  expect((await file.getRangeList()).rangeList).toEqual([{ start: 0, end: 8_999_999 }])
  const root = share.getDirectoryClient('')
  expect((await root.getFileClient('copy').startCopyFromURL(file.url)).copyStatus).toBe('success')
  await file.rename('Dir & é/renamed.txt')
  const names: string[] = []
  for await (const page of directory.listFilesAndDirectories({ includeTimestamps: true }).byPage({ maxPageSize: 1 }))
    for (const { name, properties } of page.segment.fileItems) {
      expect(properties.lastWriteTime).toBeInstanceOf(Date)
      names.push(name)
    }
  expect(names).toEqual(['renamed.txt'])
  expect((await share.getStatistics()).shareUsageBytes).toBe(18_000_000)
  expect(await codeOf(directory.delete())).toBe('DirectoryNotEmpty')
  expect(await codeOf(file.getProperties())).toBe('ResourceNotFound')
})

it('lists page by page without leaving anything out', async () => {
  const share = await newShare('pages')
  const root = share.getDirectoryClient('')
  const expected = Array.from({ length: 23 }, (_, index) => `file ${index}`)
  for (const name of expected) await root.createFile(name, 0)
  const met: string[] = []
  let pages = 0
  for await (const page of root.listFilesAndDirectories({ prefix: 'FILE' }).byPage({ maxPageSize: 5 })) {
    pages += 1
    met.push(...page.segment.fileItems.map(({ name }) => name))
  }
  expect(pages).toBe(5)
  expect(met).toEqual(expected.sort())
})

describe('shared access signatures', () => {
  const soon = () => new Date(Date.now() + 60_000)

  it('let nothing be read or changed beyond what they say', async () => {
    const share = await newShare('signatures')
    const file = share.getDirectoryClient('').getFileClient('a file')
    await file.uploadData(Buffer.from('content'))
    const reading = file.generateSasUrl({ permissions: FileSASPermissions.parse('r'), expiresOn: soon() })
    expect(await (await fetch(reading)).text()).toBe('content')
    expect((await fetch(reading, { method: 'DELETE' })).status).toBe(403)
    expect((await fetch(reading.replace('a%20file', 'another'))).status).toBe(403)
    const whole = share.generateSasUrl({ permissions: ShareSASPermissions.parse('rl'), expiresOn: soon() })
    expect((await fetch(`${whole}&restype=directory&comp=list`)).status).toBe(200)
    expect((await fetch(`${whole}&restype=share`)).status).toBe(403)
    const late = file.generateSasUrl({ permissions: FileSASPermissions.parse('r'), expiresOn: new Date(0) })
    expect(await (await fetch(late)).text()).toContain('Signature not valid in the specified time frame')
  })

  it('of what is changed are not for what is copied', async () => {
    const share = await newShare('copies')
    const source = share.getDirectoryClient('').getFileClient('source')
    await source.uploadData(Buffer.from('content'))
    const writing = share.generateSasUrl({ permissions: ShareSASPermissions.parse('rcw'), expiresOn: soon() })
    const reading = source.generateSasUrl({ permissions: FileSASPermissions.parse('r'), expiresOn: soon() })
    const copy = (from: string) =>
      fetch(writing.replace('?', '/copy?'), { method: 'PUT', headers: { 'x-ms-copy-source': from } })
    expect((await copy(source.url)).headers.get('x-ms-error-code')).toBe('CannotVerifyCopySource')
    expect((await copy(reading)).status).toBe(202)
  })
})

describe('tokens', () => {
  const client = (options: object) => {
    const { authority: authorityHost, tenant } = entra
    const login = { authorityHost, disableInstanceDiscovery: true }
    const credential = new ClientSecretCredential(tenant, application.clientId, application.secret, login)
    return new ShareServiceClient(azure.endpoint, credential, { ...patience, ...options })
  }

  it('of Microsoft Entra ID are taken from those who say that they mean it', async () => {
    await newShare('tokens')
    const share = client({ fileRequestIntent: 'backup' }).getShareClient('tokens')
    await share.getDirectoryClient('').createFile('file', 3)
    const seen = azure.requests.at(-1)
    expect(seen).toMatchObject({ operation: 'Create File', authorization: 'token', status: 201 })
    const silent = client({}).getShareClient('tokens').getDirectoryClient('')
    expect(await codeOf(silent.createFile('other', 3))).toBe('MissingRequiredHeader')
  })

  it('that have been revoked are refused', async () => {
    const share = client({ fileRequestIntent: 'backup' }).getShareClient('tokens')
    await share.getDirectoryClient('').createFile('file', 3)
    entra.revokeTokens()
    expect(await codeOf(share.getDirectoryClient('').createFile('file', 3))).toBe('InvalidAuthenticationInfo')
  })
})
