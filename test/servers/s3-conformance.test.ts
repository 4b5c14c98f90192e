import { describeDriver } from '@filegate/conformance'
import { describe, it } from 'vitest'
import { s3Harness } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { faultyProxy } from '../../packages/driver-s3/src/testing/faulty-proxy.ts'
import { missingPrograms } from './programs.ts'
import { radosgwPrograms, startRadosgw } from './radosgw.ts'
import { startSwift, swiftPrograms } from './swift.ts'

const unversioned = [
  { test: 'revisions tells the kept versions, newest first, and each can be read', reason: 'versions are off' },
]

const noCeph = missingPrograms(radosgwPrograms)
if (noCeph) {
  console.log(`Skipped: S3 on Ceph, ${noCeph}`)
  describe.skip('S3 on Ceph', () => it('needs its programs'))
} else {
  const server = await startRadosgw()
  const proxy = await faultyProxy(Number(new URL(server.endpoint).port))
  describeDriver(
    'a bucket of Ceph that keeps versions',
    s3Harness(server, {
      endpoint: `http://127.0.0.1:${proxy.port}`,
      bucket: 'versioned',
      versioned: true,
      siblings: 120,
      options: { provider: 'Ceph', list_url_encode: true, list_version: 2, list_chunk: 50 },
      control: proxy.control,
      close: () => proxy.close(),
    }),
  )
  describeDriver(
    'the buckets of Ceph',
    s3Harness(server, {
      siblings: 20,
      options: { provider: 'Ceph', directory_markers: true },
      close: () => server.stop(),
    }),
    { except: unversioned },
  )
}

const noSwift = missingPrograms(swiftPrograms)
if (noSwift) {
  console.log(`Skipped: S3 on Swift, ${noSwift}`)
  describe.skip('S3 on Swift', () => it('needs its programs'))
} else {
  const server = await startSwift()
  describeDriver(
    'a bucket of Swift',
    s3Harness(server, {
      bucket: 'the-bucket',
      siblings: 120,
      options: { provider: 'Other', list_url_encode: true, list_chunk: 50 },
      close: () => server.stop(),
    }),
    { except: unversioned },
  )
}
