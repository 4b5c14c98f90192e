import { describeDriver } from '@filegate/conformance'
import { startFauxqs } from 'fauxqs'
import { faultyProxy } from './testing/faulty-proxy.ts'
import { s3Harness } from './testing/s3-harness.ts'

const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
const proxy = await faultyProxy(server.port)
const service = { endpoint: `http://127.0.0.1:${server.port}`, key: 'any', secret: 'any' }
const endpoint = `http://127.0.0.1:${proxy.port}`

const noVersions = 'the emulator keeps no versions; real servers are tested elsewhere'
const except = [
  { test: 'read of a version that never was rejects', reason: noVersions },
  { test: 'revisions tells the kept versions, newest first, and each can be read', reason: noVersions },
  { test: 'a name with a carriage return stays as it is', reason: 'the emulator lists keys in plain XML only' },
  { test: 'a suffix longer than the file gives the whole file', reason: 'the emulator refuses it, against RFC 9110' },
]

describeDriver(
  'a bucket of an S3 emulator',
  s3Harness(service, {
    endpoint,
    bucket: 'the-bucket',
    // It sorts keys by locale but pages by code units, so long listings are left to the real servers.
    siblings: 120,
    options: { provider: 'Minio' },
    control: proxy.control,
    close: () => proxy.close(),
  }),
  { except },
)
describeDriver(
  'the buckets of an S3 emulator',
  s3Harness(service, {
    options: { provider: 'Minio', directory_markers: true },
    siblings: 20,
    close: () => server.stop(),
  }),
  { except },
)
