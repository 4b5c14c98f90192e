import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Client,
  FileUpload,
  LargeFileUploadTask,
} from '../../../packages/driver-onedrive/src/testing/vendor-client.ts'
import { digestOf } from '../cloud-tree/digest-of.ts'
import { type OneDrive, startOneDrive } from './start-onedrive.ts'
import { vendorClient } from './testing-client.ts'

// Microsoft's client for JavaScript as a second opinion.

let onedrive: OneDrive
let graph: Client

beforeEach(async () => {
  onedrive = await startOneDrive()
  graph = vendorClient(onedrive)
})
afterEach(() => onedrive.close())

const numbered = (length: number): Buffer =>
  Buffer.from(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, place) => place * 2_654_435_761).buffer).subarray(
    0,
    length,
  )

describe("Microsoft's client for JavaScript", () => {
  it('finds the drive of the user, with what it may hold', async () => {
    expect(await graph.api('/me/drive').get()).toMatchObject({
      driveType: 'personal',
      owner: { user: { email: 'ann@contoso.com' } },
      quota: { state: 'normal', total: 5_368_709_120, used: 0 },
    })
    expect(await graph.api('/me/drives').get()).toMatchObject({ value: [{ driveType: 'personal' }] })
  })

  it('makes folders, writes into them, lists them page by page', async () => {
    const folder: { readonly id: string } = await graph
      .api('/me/drive/root/children')
      .post({ name: 'a folder', folder: {} })
    for (const name of ['one', 'two', 'three']) {
      await graph.api(`/me/drive/items/${folder.id}:/${name}.txt:/content`).put(Buffer.from(name))
    }
    const names: string[] = []
    let next: string | undefined = '/me/drive/root:/A%20FOLDER:/children?$top=2&$select=name,size'
    while (next !== undefined) {
      const page: { readonly value: readonly { readonly name: string }[]; readonly '@odata.nextLink'?: string } =
        await graph.api(next).get()
      names.push(...page.value.map(({ name }) => name))
      expect(Object.keys(page.value[0] ?? {}).sort()).toEqual(['name', 'size'])
      next = page['@odata.nextLink']
    }
    expect(names).toEqual(['one.txt', 'three.txt', 'two.txt'])
  })

  it('reads what was written, from the address that content leads to, without its token', async () => {
    await graph.api('/me/drive/root:/hello.txt:/content').put(Buffer.from('hello there'))
    const stream: ReadableStream<Uint8Array> = await graph.api('/me/drive/root:/hello.txt:/content').getStream()
    expect(await new Response(stream).text()).toBe('hello there')
    const read = onedrive.requests.filter(({ operation }) => operation === 'download bytes')
    expect(read).toHaveLength(1)
    expect(read[0]?.headers.authorization).toBeUndefined()
  })

  it('uploads a large file in fragments', async () => {
    const bytes = numbered(3 * 327_680 + 1000)
    const session = await LargeFileUploadTask.createUploadSession(graph, '/me/drive/root:/large:/createUploadSession', {
      item: { '@microsoft.graph.conflictBehavior': 'rename' },
    })
    const task = new LargeFileUploadTask(graph, new FileUpload(bytes, 'large', bytes.length), session, {
      rangeSize: 2 * 327_680,
    })
    const { responseBody } = await task.upload()
    expect(responseBody).toMatchObject({
      size: bytes.length,
      file: { hashes: { quickXorHash: digestOf(bytes, 'quickXor').toString('base64') } },
    })
    expect(onedrive.requests.filter(({ operation }) => operation === 'upload fragment')).toHaveLength(2)
  })

  it('goes on with an upload where the service stands, and cancels one', async () => {
    const bytes = numbered(2 * 327_680)
    const session = await LargeFileUploadTask.createUploadSession(
      graph,
      '/me/drive/root:/large:/createUploadSession',
      {},
    )
    const file = new FileUpload(bytes, 'large', bytes.length)
    const first = new LargeFileUploadTask(graph, file, session, { rangeSize: 327_680 })
    await first.uploadSlice(new Blob([new Uint8Array(bytes.subarray(0, 327_680))]), first.getNextRange(), bytes.length)
    const second = new LargeFileUploadTask(graph, file, session, { rangeSize: 327_680 })
    expect(await second.getStatus()).toMatchObject({ nextExpectedRanges: ['327680-'] })
    await second.resume()
    expect(await graph.api('/me/drive/root:/large').get()).toMatchObject({
      file: { hashes: { quickXorHash: digestOf(bytes, 'quickXor').toString('base64') } },
    })
    expect(onedrive.requests.filter(({ operation }) => operation === 'upload fragment')).toHaveLength(2)
    const other = await LargeFileUploadTask.createUploadSession(graph, '/me/drive/root:/other:/createUploadSession', {})
    const cancelled = new LargeFileUploadTask(graph, file, other)
    await cancelled.cancel()
    await expect(cancelled.getStatus()).rejects.toMatchObject({ statusCode: 404, code: 'itemNotFound' })
  })

  it('moves, copies, shares and deletes', async () => {
    await graph.api('/me/drive/root/children').post({ name: 'target', folder: {} })
    const file: { readonly id: string } = await graph.api('/me/drive/root:/a.txt:/content').put(Buffer.from('a'))
    const target: { readonly id: string } = await graph.api('/me/drive/root:/target').get()
    await graph.api(`/me/drive/items/${file.id}`).patch({ name: 'b.txt', parentReference: { id: target.id } })
    expect(await graph.api('/me/drive/root:/target/b.txt').get()).toMatchObject({ id: file.id })
    const link = await graph.api(`/me/drive/items/${file.id}/createLink`).post({ type: 'view', scope: 'anonymous' })
    expect(link).toMatchObject({ link: { type: 'view', webUrl: expect.stringMatching(/^https:\/\//) } })
    await graph.api(`/me/drive/items/${file.id}/copy`).post({ name: 'c.txt', parentReference: { id: target.id } })
    await graph.api(`/me/drive/items/${file.id}`).delete()
    await expect(graph.api(`/me/drive/items/${file.id}`).get()).rejects.toMatchObject({
      statusCode: 404,
      code: 'itemNotFound',
    })
  })

  it('waits as long as it is told, and asks again', async () => {
    onedrive.fail({ code: 'activityLimitReached', retryAfter: 0 })
    expect(await graph.api('/me/drive/root').get()).toMatchObject({ name: 'root' })
    expect(onedrive.requests.map(({ status }) => status)).toEqual([429, 200])
  })

  it('is told why a token is refused', async () => {
    const old = vendorClient(onedrive, onedrive.issueToken({ lifetime: -1 }))
    await expect(old.api('/me/drive').get()).rejects.toMatchObject({
      statusCode: 401,
      code: 'InvalidAuthenticationToken',
      message: expect.stringContaining('expired'),
    })
  })
})
