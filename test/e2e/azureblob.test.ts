import { describe, expect, it } from 'vitest'
import { azureblob } from '../../packages/driver-azure/src/index.ts'
import { account, key, startAzurite } from '../../packages/driver-azure/src/testing/azurite.ts'
import { independentClient } from '../../packages/driver-azure/src/testing/blob-harness.ts'
import { askForTop, itArrives, itFailsVisibly, itIsListedWhole } from './broken-answers.ts'
import { describeViews } from './broken-views.ts'
import { zipOf } from './stored-zip.ts'
import { serveThroughFaults } from './through-faults.ts'

const through = serveThroughFaults(async () => {
  const emulator = await startAzurite()
  const container = independentClient(emulator.url).getContainerClient('bucket')
  await container.create()
  return {
    definition: azureblob,
    patience: 250,
    port: emulator.port,
    optionsAt: (origin) => ({ account, key, endpoint: `${origin}/${account}` }),
    top: 'bucket/',
    fileRequest: (path) => `GET /${account}/bucket/${path}`,
    folderRequest: () => `GET /${account}/bucket?`,
    put: (path, bytes) => container.getBlockBlobClient(path).uploadData(bytes),
    stop: () => emulator.stop(),
  }
})

it.each([
  [{ account, key: 'd3Jvbmc=' }, 'The key is not one of the account'],
  [{ account: 'other', key }, "There is no storage account 'other'"],
  [{ account: 'No Account', key }, 'account: must be'],
  [{ sas_url: 'https://acc.blob.core.windows.net/?sv=1' }, 'sas_url: has no signature'],
  [{ account, use_msi: true }, '--credentials-dir'],
])('a connection with %j is a 400 that says what is wrong', async (options, said) => {
  const isReachable = 'key' in options && !options.account.includes(' ')
  const endpoint = isReachable ? `http://127.0.0.1:${through.vendor().port}/${options.account}` : ''
  const response = await through.connect({ ...options, endpoint })
  const { error } = (await response.json()) as { error: string }
  expect([response.status, error]).toEqual([400, expect.stringContaining(said)])
  expect(error).not.toContain('d3Jvbmc')
})

it('a missing container is a 404, what is in a zip there is shown', async () => {
  await through.vendor().put('packed.zip', zipOf({ 'inside/a.txt': 'packed' }))
  expect((await through.read('nothing-here/a.txt')).status).toBe(404)
  expect((await through.read('packed.zip?preview')).status).toBe(404)
  const { status, body } = await through.read('bucket/packed.zip?preview')
  expect([status, body?.toString()]).toEqual([200, expect.stringContaining('inside/a.txt')])
  expect((await through.read('bucket?simple')).body?.toString()).toContain('packed.zip')
})

describe('a blob over a connection with faults', () => {
  itArrives(through)
  itFailsVisibly(through)
})

describe('a listing of blobs', () => {
  itIsListedWhole(through)

  it('names every container, or fails', async () => {
    const [first, last] = await askForTop(through, `GET /${account}/?comp=list`)
    expect(first?.body?.toString()).toContain('"bucket"')
    expect(last?.status).toBe(503)
  })
})

describeViews(through)
