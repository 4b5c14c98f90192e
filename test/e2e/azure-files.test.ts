import { azurefiles } from '@filegate/driver-azure'
import { describe, expect, it } from 'vitest'
import { independentClient, putFile } from '../../packages/driver-azure/src/files/testing/files-harness.ts'
import { startAzureFiles } from '../simulators/azure-files/start-azure-files.ts'
import { itArrives, itIsListedWhole } from './broken-answers.ts'
import { describeViews } from './broken-views.ts'
import { zipOf } from './stored-zip.ts'
import { serveThroughFaults } from './through-faults.ts'

const through = serveThroughFaults(async () => {
  const azure = await startAzureFiles({ shares: ['documents'] })
  const { account, key } = azure
  const share = independentClient(azure).getShareClient('documents')
  for (const folder of ['folder', 'many']) await share.createDirectory(folder)
  return {
    definition: azurefiles,
    patience: 200,
    port: Number(new URL(azure.endpoint).port),
    optionsAt: (origin) => ({ endpoint: `${origin}/${account}`, account, key, share_name: 'documents' }),
    top: '',
    fileRequest: (path) => `GET /${account}/documents/${path}`,
    folderRequest: (path) => `GET /${account}/documents/${path}?`,
    put: (path, bytes) => putFile(share, path, bytes),
    stop: () => azure.close(),
  }
})

describeViews(through)

describe('a file on Azure Files', () => {
  itArrives(through)

  it('is not sent again to who has it, nor asked for twice', async () => {
    const first = await through.read('folder/file.txt')
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    const again = await through.read('folder/file.txt', { headers: { 'if-none-match': etag } })
    expect([again.status, again.body?.length]).toEqual([304, 0])
    expect(first.headers.get('content-type')).toContain('text/plain')
  })
})

describe('a folder on Azure Files', () => {
  itIsListedWhole(through)
})

it('an archive on Azure Files shows what is in it', async () => {
  await through.vendor().put('packed.zip', zipOf({ 'inside/a.txt': 'first', 'b.txt': 'second' }))
  const { status, body } = await through.read('packed.zip?preview')
  expect([status, body?.toString()]).toEqual([200, expect.stringContaining('inside/a.txt')])
})

describe('connecting a share of Azure Files', () => {
  it.each([
    ['the share', { share_name: 'elsewhere' }, "The share 'elsewhere' does not exist"],
    ['the key', { key: Buffer.from('marker').toString('base64') }, 'did not accept the key'],
    ['the host', { endpoint: 'http://127.0.0.1:1/account' }, 'could not be reached'],
    ['an address that is never asked', { endpoint: 'http://169.254.169.254/account' }, 'never contacted'],
    ['the signature', { sas_url: 'http://127.0.0.1:1/account/documents' }, 'sas_url'],
    ['a missing name', { share_name: '' }, 'share_name'],
  ])('is refused with a 400 that says what is wrong: %s', async (_what, changes, message) => {
    const given = 'sas_url' in changes ? { account: '', key: '', endpoint: '', ...changes } : changes
    const response = await through.connect({ ...through.vendor().optionsAt(through.proxy().origin), ...given })
    const answer = (await response.json()) as { error: string }
    expect([response.status, answer]).toMatchObject([400, { success: false, error: expect.stringContaining(message) }])
    expect(answer.error).not.toContain(Buffer.from('marker').toString('base64'))
  })
})
