import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import s3 from '../../packages/driver-s3/src/index.ts'
import { startEmulator } from '../../packages/driver-s3/src/testing/emulator.ts'
import { askForTop, itArrives, itFailsVisibly, itIsListedWhole } from './broken-answers.ts'
import { describeViews } from './broken-views.ts'
import { serveThroughFaults } from './through-faults.ts'

const through = serveThroughFaults(async () => {
  const emulator = await startEmulator('bucket')
  return {
    definition: s3,
    patience: 200,
    port: emulator.port,
    optionsAt: (endpoint) => ({ provider: 'Minio', endpoint, access_key_id: 'any', secret_access_key: 'any' }),
    top: 'bucket/',
    fileRequest: (path) => `GET /bucket/${path}`,
    folderRequest: () => 'GET /bucket/?',
    put: (path, bytes) => emulator.put('bucket', path, bytes),
    stop: () => emulator.close(),
  }
})

describe('a file on S3', () => {
  itArrives(through, {
    'has no length, and is closed early': [{ unsized: true, after: 300_000, ending: 'end' }],
    'has no length when it is resumed, and is closed early': [
      { after: 10 },
      { unsized: true, after: 10, ending: 'end' },
    ],
  })
  itFailsVisibly(through)

  it('is resumed at the very byte at which it broke', async () => {
    through.proxy().add({ after: 300_000, ending: 'end' })
    await through.read('bucket/folder/file.txt', { headers: { range: 'bytes=1000-500000' } })
    const ranges = through.proxy().requests.map((line) => line.split(' ').at(2))
    expect(ranges).toEqual(['bytes=1000-500000', 'bytes=301000-500000'])
  })
})

it('an archive is visibly broken when an entry that has begun to go out cannot be finished', async () => {
  await through.vendor().put('large/large.bin', randomBytes(9_000_000))
  const proxy = through.proxy()
  proxy.only('GET /bucket/large/large.bin')
  proxy.add({ after: 8_000_000 })
  proxy.always({ status: 503 })
  expect((await through.read('bucket/large?zip')).body).toBeUndefined()
})

describe('a listing from S3', () => {
  itIsListedWhole(through)

  it('names every bucket, or fails', async () => {
    const [first, last] = await askForTop(through, 'GET /?')
    expect(first?.body?.toString()).toContain('"bucket"')
    expect(last?.status).toBe(503)
  })
})

describeViews(through)
