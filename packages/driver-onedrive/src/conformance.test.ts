import { describeDriver } from '@filegate/conformance'
import { startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { forbiddenNames } from '../../../test/simulators/vendor-names.ts'
import { behindFaults } from './testing/fault-proxy.ts'
import { hurried } from './testing/hurried.ts'
import { oneDriveHarness } from './testing/onedrive-harness.ts'

hurried()

const personal = await behindFaults(await startOneDrive())
describeDriver(
  'a personal drive',
  oneDriveHarness(personal, {
    options: { hash_type: 'sha1', list_chunk: 500 },
    control: personal.proxy.control,
    close: () => personal.close(),
  }),
  { except: forbiddenNames('onedrive') },
)
