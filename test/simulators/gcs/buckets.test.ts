import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GoogleCloudStorage, startGoogleCloudStorage } from './start-google-cloud-storage.ts'
import { namesOf, refusalOf, testingClient } from './testing-client.ts'

const project = { project: 'filegate-test' }

describe('buckets of the storage simulator', () => {
  let storage: GoogleCloudStorage
  let call: ReturnType<typeof testingClient>

  beforeEach(async () => {
    storage = await startGoogleCloudStorage()
    call = testingClient(storage.endpoint)
  })
  afterEach(() => storage.close())

  it('are made, shown, listed, changed and deleted', async () => {
    const made = await call('POST', '/storage/v1/b', {
      query: project,
      json: { name: 'one', location: 'europe-west1', storageClass: 'NEARLINE', labels: { a: '1', b: '2' } },
    })
    expect(made).toMatchObject({
      status: 200,
      json: {
        kind: 'storage#bucket',
        name: 'one',
        projectNumber: '123456789012',
        location: 'EUROPE-WEST1',
        locationType: 'region',
        storageClass: 'NEARLINE',
        metageneration: '1',
      },
    })
    const patched = await call('PATCH', '/storage/v1/b/one', { json: { labels: { a: null, c: '3' } } })
    expect(patched.json).toMatchObject({ labels: { b: '2', c: '3' }, metageneration: '2', storageClass: 'NEARLINE' })
    expect(namesOf(await call('GET', '/storage/v1/b', { query: { project: '123456789012' } }))).toEqual(['one'])
    expect(namesOf(await call('GET', '/storage/v1/b', { query: { ...project, prefix: 'x' } }))).toEqual([])
    expect((await call('DELETE', '/storage/v1/b/one')).status).toBe(204)
    expect(refusalOf(await call('GET', '/storage/v1/b/one'))).toBe('404 notFound')
  })

  it('are listed in pages', async () => {
    for (const name of ['b-2', 'b-1', 'b-3']) storage.addBucket({ name })
    const first = await call('GET', '/storage/v1/b', { query: { ...project, maxResults: '2' } })
    expect(namesOf(first)).toEqual(['b-1', 'b-2'])
    const pageToken = String(first.json['nextPageToken'])
    const second = await call('GET', '/storage/v1/b', { query: { ...project, maxResults: '2', pageToken } })
    expect(namesOf(second)).toEqual(['b-3'])
    expect(second.json['nextPageToken']).toBeUndefined()
    expect(refusalOf(await call('GET', '/storage/v1/b', { query: { ...project, pageToken: 'x' } }))).toBe('400 invalid')
  })

  it('are refused when something about them is wrong', async () => {
    storage.addBucket({ name: 'mine' })
    storage.addBucket({ name: 'theirs' }, { project: '999' })
    const refused = async (json: object, query: Record<string, string> = project) =>
      refusalOf(await call('POST', '/storage/v1/b', { query, json }))
    expect(await refused({ name: 'fine' }, {})).toBe('400 required')
    expect(await refused({ name: 'fine' }, { project: 'other-project' })).toBe('403 forbidden')
    expect(await refused({})).toBe('400 required')
    for (const name of ['UP', 'a', '-ab', 'ab-', 'a..b', '10.0.0.1', 'goog-x', 'my-google', 'x'.repeat(64), 'a b']) {
      expect(await refused({ name })).toBe('400 invalid')
    }
    expect(await refused({ name: 'fine', location: 'MARS' })).toBe('400 invalid')
    expect(await refused({ name: 'fine', storageClass: 'GOLD' })).toBe('400 invalid')
    expect(await refused({ name: 'fine' }, { ...project, predefinedAcl: 'everybody' })).toBe('400 invalidParameter')
    expect(await refused({ name: 'mine' })).toBe('409 conflict')
    expect((await call('POST', '/storage/v1/b', { query: project, json: { name: 'theirs' } })).text).toContain(
      'not available',
    )
    expect(refusalOf(await call('POST', '/storage/v1/b', { query: project, body: '{' }))).toBe('400 parseError')
  })

  it('are only deleted when they are empty', async () => {
    storage.addBucket({ name: 'full', versioning: { enabled: true } })
    const object = '/storage/v1/b/full/o/a'
    await call('POST', '/upload/storage/v1/b/full/o', { query: { uploadType: 'media', name: 'a' }, body: 'x' })
    expect(refusalOf(await call('DELETE', '/storage/v1/b/full'))).toBe('409 conflict')
    const generation = String((await call('GET', object)).json['generation'])
    await call('DELETE', object)
    expect(refusalOf(await call('DELETE', '/storage/v1/b/full'))).toBe('409 conflict')
    await call('DELETE', object, { query: { generation } })
    expect((await call('DELETE', '/storage/v1/b/full')).status).toBe(204)
  })

  it('with uniform access know no access lists', async () => {
    const iamConfiguration = { uniformBucketLevelAccess: { enabled: true } }
    const make = (query: Record<string, string>) =>
      call('POST', '/storage/v1/b', { query: { ...project, ...query }, json: { name: 'uniform', iamConfiguration } })
    expect(refusalOf(await make({ predefinedAcl: 'private' }))).toBe('400 invalid')
    const { json } = await make({ projection: 'full' })
    expect(json).toMatchObject({
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, bucketPolicyOnly: { enabled: true } },
    })
    expect(json).not.toHaveProperty('acl')
    const put = (query: Record<string, string>) =>
      call('POST', '/upload/storage/v1/b/uniform/o', { query: { uploadType: 'media', name: 'a', ...query }, body: 'x' })
    expect(refusalOf(await put({ predefinedAcl: 'private' }))).toBe('400 invalid')
    expect((await put({})).status).toBe(200)
    expect(refusalOf(await call('GET', '/storage/v1/b/uniform/o/a/acl'))).toBe('400 invalid')
  })
})
