import { describeDriver } from '@filegate/conformance'
import { startAzurite } from '../testing/azurite.ts'
import { blobHarness } from '../testing/blob-harness.ts'
import { faultyProxy } from '../testing/faulty-proxy.ts'
import { forbiddenNames } from '../../../../test/simulators/vendor-names.ts'

const server = await startAzurite()
const proxy = await faultyProxy(server.port)

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
  { except: forbiddenNames('azureblob') },
)
