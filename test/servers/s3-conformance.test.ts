import { type DescribeOptions, describeDriver, type Harness } from '@filegate/conformance'
import { expect, it } from 'vitest'
import { faultyProxy } from '../../packages/driver-s3/src/testing/faulty-proxy.ts'
import { s3Harness } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { missingPrograms } from './programs.ts'
import { radosgwPrograms, startRadosgw } from './radosgw.ts'
import { startSwift, swiftPrograms } from './swift.ts'

interface Suite extends DescribeOptions {
  readonly name: string
  readonly harness: Harness
}

const unversioned = [
  { test: 'revisions tells the kept versions, newest first, and each can be read', reason: 'versions are off' },
]

async function onCeph(): Promise<readonly Suite[]> {
  const server = await startRadosgw()
  const proxy = await faultyProxy(Number(new URL(server.endpoint).port))
  const versioned = s3Harness(server, {
    endpoint: `http://127.0.0.1:${proxy.port}`,
    bucket: 'versioned',
    versioned: true,
    siblings: 120,
    options: { provider: 'Ceph', list_url_encode: true, list_version: 2, list_chunk: 50 },
    control: proxy.control,
    close: () => proxy.close(),
  })
  const buckets = s3Harness(server, {
    siblings: 20,
    options: { provider: 'Ceph', directory_markers: true },
    close: () => server.stop(),
  })
  return [
    { name: 'a bucket of Ceph that keeps versions', harness: versioned },
    { name: 'the buckets of Ceph', harness: buckets, except: unversioned },
  ]
}

async function onSwift(): Promise<readonly Suite[]> {
  const server = await startSwift()
  const harness = s3Harness(server, {
    bucket: 'the-bucket',
    siblings: 120,
    options: { provider: 'Other', list_url_encode: true, list_chunk: 50 },
    close: () => server.stop(),
  })
  return [{ name: 'a bucket of Swift', harness, except: unversioned }]
}

const servers = [
  { name: 'Ceph', missing: missingPrograms(radosgwPrograms), suites: onCeph },
  { name: 'Swift', missing: missingPrograms(swiftPrograms), suites: onSwift },
]

for (const { name, missing } of servers) if (missing) console.log(`Skipped: S3 on ${name}, ${missing}`)
const started = await Promise.all(servers.filter(({ missing }) => !missing).map(({ suites }) => suites()))

it.skipIf(started.length < servers.length)('all servers could be started', () => {
  expect(started).toHaveLength(servers.length)
})
for (const { name, harness, except } of started.flat()) describeDriver(name, harness, { except })
