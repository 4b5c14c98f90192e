import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { parsePath, requireMethods } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectTo } from './testing/s3-harness.ts'

const digest = createHash('sha256').update('some text').digest()
const asked: string[] = []
let answer: Readonly<Record<string, string>>

/** A vendor that keeps digests, as Amazon does. */
const server = createServer((request, response) => {
  asked.push(`${request.method} ${String(request.headers['x-amz-checksum-mode'])}`)
  if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '9', etag: '"e"', ...answer }).end()
  else response.end('<ListBucketResult><Name>photos</Name><IsTruncated>false</IsTruncated></ListBucketResult>')
})
const port = (): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
beforeEach(() => void asked.splice(0))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function hashOfFile(): Promise<string> {
  const service = { endpoint: `http://127.0.0.1:${port()}/photos`, key: 'key', secret: 'secret' }
  const driver = requireMethods(await connectTo(service, { provider: 'AWS' }), 'hash')
  asked.length = 0
  try {
    return await driver.hash(parsePath('file.txt'), { algorithm: 'sha256' })
  } finally {
    await driver.close?.()
  }
}

describe('a SHA-256 that the vendor has', () => {
  it('is taken without reading the file', async () => {
    answer = { 'x-amz-checksum-sha256': digest.toString('base64'), 'x-amz-checksum-type': 'FULL_OBJECT' }
    expect(await hashOfFile()).toBe(digest.toString('hex'))
    expect(asked).toEqual(['HEAD ENABLED'])
  })

  it.each([
    [{ 'x-amz-checksum-sha256': digest.toString('base64'), 'x-amz-checksum-type': 'COMPOSITE' }],
    [{ 'x-amz-checksum-sha256': `${digest.toString('base64')}-3` }],
    [{ 'x-amz-checksum-sha256': 'nonsense' }],
    [{}],
  ])('is none of the file when it is one of its parts, damaged or missing: %j', async (headers) => {
    answer = headers
    await expect(hashOfFile()).rejects.toMatchObject({ code: 'Unsupported' })
  })
})
