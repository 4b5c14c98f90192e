import * as sdk from '@aws-sdk/client-s3'
import { parseOptions } from '@filegate/core/options'
import type { HttpRequest, HttpResponse } from '@smithy/types'
import { type Arbitrary, assert, asyncProperty, constant, constantFrom, oneof, pre, record, string } from 'fast-check'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { options as schema } from './options.ts'
import { createGetObject, type GetInput } from './prepared-get.ts'
import { shapeRequests } from './requests.ts'
import { resolveSettings } from './settings.ts'

type Answer = Partial<Pick<HttpResponse, 'statusCode' | 'headers'>> & { readonly text?: string }

/** The library over a service that answers so, one answer after the other, the last for ever. */
function service(answers: readonly Answer[], options: Readonly<Record<string, unknown>> = {}) {
  const requests: HttpRequest[] = []
  const settings = resolveSettings(parseOptions(schema, { endpoint: 'http://s3.test:9000', ...options }))
  const required = settings.checksums ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  const s3 = new sdk.S3({
    region: 'us-east-1',
    ...(!settings.isAmazon && { endpoint: 'http://s3.test:9000' }),
    forcePathStyle: settings.pathStyle,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestChecksumCalculation: required,
    responseChecksumValidation: required,
    maxAttempts: 1,
    followRegionRedirects: true,
    requestHandler: {
      async handle(request: HttpRequest) {
        requests.push(request)
        const {
          statusCode = 200,
          headers = {},
          text = 'bytes',
        } = answers[Math.min(requests.length, answers.length) - 1] ?? {}
        return { response: { statusCode, headers, body: Readable.from([Buffer.from(text)]) } }
      },
    },
  })
  shapeRequests(s3, settings)
  return { s3, requests, get: createGetObject(sdk, s3, settings) }
}

const withoutTry = ({ headers, ...request }: HttpRequest) => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:amz-sdk-|x-amz-date$|authorization$)/.test(name)),
  ),
})

const signedNames = ({ headers }: HttpRequest): readonly string[] =>
  (/SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1] ?? '')
    .split(';')
    .filter((name) => !name.startsWith('amz-sdk-'))

const etag = '"0123456789abcdef0123456789abcdef"'
const inputs: Arbitrary<GetInput> = record(
  {
    Bucket: constantFrom('bucket', 'another.bucket'),
    Key: oneof(
      string({ minLength: 1, unit: 'binary' }),
      constantFrom('a//b', '/a', "it's (1)*!.txt", './..', 'a b+c%20'),
    ),
    VersionId: constantFrom('v1', 'a/b=='),
    Range: constantFrom('bytes=0-9', 'bytes=-5'),
    IfMatch: constant(etag),
    IfNoneMatch: constant(etag),
  },
  { requiredKeys: ['Bucket', 'Key'] },
)

it.each(['Ceph', 'Minio', 'Cloudflare', 'GCS'])('asks for the same as the library would: %s', async (provider) => {
  const { s3, requests, get } = service([{}], { provider, access_key_id: 'key', secret_access_key: 'secret' })
  await assert(
    asyncProperty(inputs, async (input) => {
      pre(input.Key.isWellFormed())
      requests.length = 0
      await get(input, undefined)
      await s3.getObject(input)
      const [ours, theirs] = requests
      if (!ours || !theirs || requests.length !== 2) throw new Error(`${requests.length} requests`)
      expect(withoutTry(ours)).toEqual(withoutTry(theirs))
      expect(signedNames(ours)).toEqual(signedNames(theirs))
    }),
    { numRuns: 50 },
  )
})

it('tells of an object what the library tells', async () => {
  const headers = {
    'content-length': '5',
    'content-type': 'text/plain',
    'content-encoding': 'gzip',
    'content-range': 'bytes 0-4/10',
    etag,
    'last-modified': 'Sat, 21 Nov 2026 10:11:12 GMT',
    'x-amz-meta-mtime': '1.5',
    'x-amz-meta-md5chksum': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-version-id': 'v1',
  }
  const { s3, get } = service([{ headers }])
  const { answer, stream } = await get({ Bucket: 'bucket', Key: 'key' }, undefined)
  const { Body: _body, $metadata: _metadata, ...theirs } = await s3.getObject({ Bucket: 'bucket', Key: 'key' })
  expect(answer).toEqual(theirs)
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('bytes')
})

it('fails as the library fails, with one request', async () => {
  const text = '<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>'
  const { requests, get } = service([{ statusCode: 404, text }])
  await expect(get({ Bucket: 'bucket', Key: 'key' }, undefined)).rejects.toMatchObject({
    name: 'NoSuchKey',
    $metadata: { httpStatusCode: 404 },
    $response: { statusCode: 404 },
  })
  expect(requests).toHaveLength(1)
  await expect(get({ Bucket: 'bucket', Key: 'other' }, undefined)).rejects.toMatchObject({ name: 'NoSuchKey' })
  expect(requests).toHaveLength(2)
})

it('learns from a refusal by how much the clock is wrong', async () => {
  const text = '<Error><Code>RequestTimeTooSkewed</Code></Error>'
  const date = 'Sat, 21 Nov 2099 10:11:12 GMT'
  const { requests, get } = service([{ statusCode: 403, headers: { date }, text }, { headers: { date } }])
  await expect(get({ Bucket: 'bucket', Key: 'key' }, undefined)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' })
  await get({ Bucket: 'bucket', Key: 'key' }, undefined)
  expect(requests.map(({ headers }) => headers['x-amz-date']?.slice(0, 8))).toEqual([
    expect.not.stringMatching(/^2099/),
    '20991121',
  ])
})

it('leaves whole objects to the library where it checks their checksums, and asks for ranges itself', async () => {
  const { requests, get } = service([{}], { provider: 'AWS' })
  await get({ Bucket: 'bucket', Key: 'key' }, undefined)
  await get({ Bucket: 'bucket', Key: 'key', Range: 'bytes=0-4' }, undefined)
  expect(requests.map(({ headers }) => headers['x-amz-checksum-mode'])).toEqual(['ENABLED', undefined])
  expect(requests.map(({ headers }) => 'amz-sdk-request' in headers)).toEqual([true, false])
})

it('follows a bucket to its region with the library, and asks it first from then on', async () => {
  const moved = { statusCode: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' }, text: '<Error/>' }
  const { requests, get } = service([moved, {}], { provider: 'AWS' })
  const input = { Bucket: 'bucket', Key: 'key', Range: 'bytes=0-4' }
  const { stream } = await get(input, undefined)
  expect(Buffer.concat(await stream.toArray()).toString()).toBe('bytes')
  await get(input, undefined)
  expect(requests.map(({ headers }) => 'amz-sdk-request' in headers)).toEqual([false, true, true])
  expect(requests[1]?.hostname).toBe('bucket.s3.eu-west-1.amazonaws.com')
})
