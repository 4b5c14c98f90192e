import { parseOptions } from '@filegate/core/options'
import { describe, expect, it } from 'vitest'
import { options } from './options.ts'
import { resolveSettings } from './settings.ts'

const settings = (given: Readonly<Record<string, unknown>>) =>
  resolveSettings(parseOptions(options, { endpoint: 'https://s3.example.com', ...given }), Date.UTC(2024, 0, 10))

describe('what options mean together', () => {
  it('a provider decides on what nobody said', () => {
    expect(settings({ provider: 'Minio' })).toMatchObject({
      pathStyle: true,
      listVersion: 2,
      encodedListing: true,
      verifiesEtag: true,
      reportsExistingBucket: true,
      acceptsGzip: true,
      mightGzip: true,
      unsignedPayload: true,
      checksums: false,
      sendsOperationId: true,
    })
    expect(settings({ provider: 'nobody knows' })).toMatchObject({
      pathStyle: true,
      listVersion: 1,
      encodedListing: false,
      verifiesEtag: false,
      reportsExistingBucket: false,
    })
    expect(settings({ provider: 'AWS' })).toMatchObject({
      pathStyle: false,
      mightGzip: false,
      unsignedPayload: false,
      checksums: true,
    })
    expect(settings({ provider: 'GCS' })).toMatchObject({
      acceptsGzip: false,
      sendsOperationId: false,
      copyCutoff: Number.POSITIVE_INFINITY,
    })
    expect(settings({ provider: 'Storj' })).toMatchObject({ chunkSize: 64 * 1_048_576 })
    expect(settings({ provider: 'Scaleway' })).toMatchObject({ maximumParts: 1000 })
  })

  it('what somebody said decides over the provider', () => {
    const said = { list_version: 2, list_url_encode: 'true', use_multipart_etag: true, use_already_exists: 'true' }
    expect(settings({ provider: 'Ceph', ...said })).toMatchObject({
      listVersion: 2,
      encodedListing: true,
      verifiesEtag: true,
      reportsExistingBucket: true,
    })
    const denied = { use_accept_encoding_gzip: 'false', might_gzip: 'false', use_unsigned_payload: 'false' }
    expect(settings({ provider: 'Minio', ...denied })).toMatchObject({
      acceptsGzip: false,
      mightGzip: false,
      unsignedPayload: false,
    })
    expect(settings({ provider: 'Minio', force_path_style: false }).pathStyle).toBe(false)
    expect(settings({ provider: 'AWS', use_unsigned_payload: true })).toMatchObject({ checksums: false })
    expect(settings({ use_multipart_uploads: false }).multipart).toBe(false)
    expect(settings({ directory_bucket: true })).toMatchObject({ etagIsMd5: false, checksBucket: false })
    expect(settings({ no_check_bucket: true }).checksBucket).toBe(false)
  })

  it.each([
    [{ access_key_id: 'a' }, /secret_access_key/],
    [{ secret_access_key: 'a' }, /access_key_id/],
    [{ endpoint: '', provider: 'Minio' }, /endpoint: is required/],
    [{ endpoint: 'ftp://host' }, /endpoint/],
    [{ download_url: 'file:///etc/passwd' }, /download_url/],
    [{ download_url: 'https://ada:pw@host' }, /download_url/],
    [{ download_url: 'files.example.com' }, /download_url/],
    [{ use_dual_stack: true }, /use_dual_stack/],
    [{ use_accelerate_endpoint: true }, /use_accelerate_endpoint/],
    [{ versions: true, version_at: '2024-01-01' }, /version_at/],
    [{ version_at: 'yesterday' }, /version_at/],
    [{ upload_cutoff: '6G' }, /upload_cutoff/],
    [{ copy_cutoff: '6G' }, /copy_cutoff/],
    [{ sse_customer_key: 'short' }, /32 bytes/],
    [{ sse_customer_key: 'k'.repeat(32), sse_customer_key_base64: 'a2s=' }, /sse_customer_key/],
    [{ sse_customer_key: 'k'.repeat(32), sse_customer_key_md5: 'wrong' }, /sse_customer_key_md5/],
  ])('%j is refused by name', (given, problem) => {
    expect(() => settings(given)).toThrow(problem)
  })

  it('all that do not go together are named at once', () => {
    const given = { access_key_id: 'a', endpoint: 'http://ada:marker@host', version_at: 'yesterday', copy_cutoff: '6G' }
    expect(() => settings(given)).toThrow(/endpoint: .*secret_access_key: .*copy_cutoff: .*version_at: /)
    expect(() => settings(given)).not.toThrow('marker')
  })

  it('a login comes from a key, from the environment, or is none', () => {
    expect(settings({ access_key_id: 'a', secret_access_key: 'b', env_auth: true }).login).toBe('key')
    expect(settings({ env_auth: true }).login).toBe('environment')
    expect(settings({}).login).toBe('anonymous')
    expect(settings({ region: 'other-v2-signature' })).toMatchObject({ signature: 'v2', region: 'us-east-1' })
  })

  it('access lists of buckets fall back to that of objects, and default is none', () => {
    expect(settings({ acl: 'private' })).toMatchObject({ objectAcl: 'private', bucketAcl: 'private' })
    expect(settings({ acl: 'default' })).not.toHaveProperty('objectAcl', 'default')
    expect(settings({ acl: 'private', bucket_acl: 'public-read' })).toMatchObject({ bucketAcl: 'public-read' })
  })

  it.each([
    ['0001-01-01T00:00:00Z', undefined],
    ['', undefined],
    ['off', undefined],
    ['2024-01-02', Date.UTC(2024, 0, 2)],
    ['2024-01-02 03:04:05', Date.UTC(2024, 0, 2, 3, 4, 5)],
    ['2024-01-02T03:04:05+01:00', Date.UTC(2024, 0, 2, 2, 4, 5)],
    ['9d', Date.UTC(2024, 0, 1)],
  ])('the moment %j', (text, moment) => {
    expect(settings({ version_at: text }).versionAt).toBe(moment)
  })
})
