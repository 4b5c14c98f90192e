import { describeDriver } from '@filegate/conformance'
import { startAzureFiles } from '../../../../test/simulators/azure-files/start-azure-files.ts'
import { faultyProxy } from '../testing/faulty-proxy.ts'
import { filesHarness } from './testing/files-harness.ts'

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata */
const reason = 'Azure Files knows no such names; what encoding makes of them is tested elsewhere'
const except = [
  'a newline',
  'a carriage return',
  'a tab',
  'a control character',
  'a DEL character',
  'a colon',
  'a backslash',
  'a backslash at its end',
  'quotation marks',
  'characters that Windows forbids',
  'a fragment and a query',
  'a device of old',
].map((label) => ({ test: `a name with ${label} stays as it is`, reason }))

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
