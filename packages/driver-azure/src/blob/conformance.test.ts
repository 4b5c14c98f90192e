import { describeDriver } from '@filegate/conformance'
import { startAzurite } from '../testing/azurite.ts'
import { blobHarness } from '../testing/blob-harness.ts'
import { faultyProxy } from '../testing/faulty-proxy.ts'

const server = await startAzurite()
const proxy = await faultyProxy(server.port)

const backslash =
  'the service takes a backslash for a slash; the encoding of the driver, which is off here, replaces it'
const control = 'no listing, which is XML, can hold it; the encoding of the driver, which is off here, replaces it'
const except = [
  { test: 'a name with a backslash stays as it is', reason: backslash },
  { test: 'a name with a backslash at its end stays as it is', reason: backslash },
  { test: 'a name with a control character stays as it is', reason: control },
]

describeDriver(
  'the containers of an emulator of Azure Blob Storage',
  blobHarness(server.url, {
    endpoint: server.url.replace(String(server.port), String(proxy.port)),
    options: { directory_markers: true, list_chunk: 50 },
    siblings: 120,
    control: proxy.control,
    async close() {
      await proxy.close()
      await server.stop()
    },
  }),
  { except },
)
