import { describeDriver } from '@filegate/conformance'
import { startAzureFiles } from '../../../../test/simulators/azure-files/start-azure-files.ts'
import { faultyProxy } from '../testing/faulty-proxy.ts'
import { filesHarness } from './testing/files-harness.ts'
import { forbiddenNames } from '../../../../test/simulators/vendor-names.ts'

const except = forbiddenNames('azurefiles')
const service = await startAzureFiles({ shares: ['the-share', 'in-ranges'] })
const proxy = await faultyProxy(Number(new URL(service.endpoint).port))

describeDriver(
  'a share of Azure Files',
  filesHarness(service, {
    share: 'the-share',
    endpoint: `http://127.0.0.1:${proxy.port}/${service.account}`,
    control: proxy.control,
    close: () => proxy.close(),
  }),
  { except },
)
describeDriver(
  'a share that is written to in many small ranges',
  filesHarness(service, {
    share: 'in-ranges',
    siblings: 20,
    options: { chunk_size: '10000', upload_concurrency: 3, max_stream_size: '1M' },
    close: () => service.close(),
  }),
  { except },
)
