import { describeDriver } from '@filegate/conformance'
import { faultyProxy } from './testing/faulty-proxy.ts'
import { gcsHarness } from './testing/gcs-harness.ts'
import { startSimulatedService } from './testing/simulated-service.ts'
import { forbiddenNames } from '../../../test/simulators/vendor-names.ts'

const service = await startSimulatedService()
const proxy = await faultyProxy(service.endpoint)

describeDriver(
  'the buckets of a simulated Google Cloud Storage',
  gcsHarness(
    {
      ...service,
      async close() {
        await proxy.close()
        await service.close()
      },
    },
    { endpoint: proxy.endpoint, control: proxy.control, options: { directory_markers: true } },
  ),
  { except: forbiddenNames('google-cloud-storage') },
)
