import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { independentClient } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { serve, type Serving } from '../e2e/serving.ts'
import { missingPrograms, type StartedServer } from './programs.ts'
import { radosgwPrograms, startRadosgw } from './radosgw.ts'

const reason = missingPrograms(radosgwPrograms)
if (reason) console.log(`Skipped: earlier versions of files on S3, ${reason}`)

interface Shown {
  readonly seq: number
  readonly ts: number
  readonly size: number
  readonly version: string
}

describe.skipIf(reason !== undefined)('earlier versions of a file on S3', () => {
  let ceph: StartedServer
  let server: Serving
  let client: ReturnType<typeof independentClient>
  let id: string

  beforeAll(async () => {
    ceph = await startRadosgw()
    client = independentClient(ceph)
    await client.createBucket({ Bucket: 'kept' })
    await client.putBucketVersioning({ Bucket: 'kept', VersioningConfiguration: { Status: 'Enabled' } })
    server = await serve({})
    const response = await server.fetch('/api/v1/backends/s3', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        provider: 'Ceph',
        endpoint: ceph.endpoint,
        access_key_id: ceph.key,
        secret_access_key: ceph.secret,
        force_path_style: true,
      }),
    })
    id = ((await response.json()) as { data: { id: string } }).data.id
  })
  afterAll(async () => {
    client.destroy()
    await server.stop()
    await ceph.stop()
  })

  const ask = (query: string): Promise<Response> =>
    server.fetch(`/api/v1/files/kept/folder/file.txt?backend=${id}&${query}`)
  const history = async (): Promise<readonly Shown[]> =>
    ((await (await ask('history')).json()) as { revisions: Shown[] }).revisions

  it('are listed, read, compared, and keep their numbers when some are gone', async () => {
    const texts = ['one\n', 'one\ntwo\n', 'one\ntwo\nthree\n']
    for (const Body of texts) await client.putObject({ Bucket: 'kept', Key: 'folder/file.txt', Body })
    // A neighbour whose name begins alike.
    await client.putObject({ Bucket: 'kept', Key: 'folder/file.txt.old', Body: 'x' })
    const shown = await history()
    expect(shown.map(({ size }) => size)).toEqual(texts.map(({ length }) => length))
    const read = await Promise.all(shown.map(async ({ seq }) => (await ask(`revision=${seq}`)).text()))
    expect(read).toEqual(texts)
    const [first, second, third] = shown
    expect(await (await ask(`diff&from_seq=${first?.seq}&to_seq=${second?.seq}`)).text()).toContain(' one\n+two\n')
    expect(await (await ask(`revision=${third?.seq}&lines=-1`)).text()).toBe('three\n')
    expect(await (await ask(`at=${third?.ts}`)).text()).toBe(texts[2])

    await client.deleteObject({ Bucket: 'kept', Key: 'folder/file.txt', VersionId: first?.version })
    expect((await history()).map(({ seq }) => seq)).toEqual([second?.seq, third?.seq])
    expect((await ask('revision=1')).status).toBe(410)
  })

  it('outlive the file', async () => {
    const [oldest] = await history()
    await client.deleteObject({ Bucket: 'kept', Key: 'folder/file.txt' })
    expect((await ask('lines=1')).status).toBe(404)
    expect(await (await ask(`revision=${oldest?.seq}`)).text()).toBe('one\ntwo\n')
    expect((await ask(`at=${Date.now() + 60_000}`)).status).toBe(410)
  })
})
