import { describeDriver } from '@filegate/conformance'
import { startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { forbiddenNames } from '../../../test/simulators/vendor-names.ts'
import { hurried } from './testing/hurried.ts'
import { oneDriveHarness } from './testing/onedrive-harness.ts'

hurried()

const business = await startOneDrive({ driveType: 'business' })
describeDriver(
  'a drive of an organization that is listed by its changes',
  oneDriveHarness(business, {
    siblings: 30,
    options: { delta: true, list_chunk: 20, chunk_size: '327680' },
    close: () => business.close(),
  }),
  { except: forbiddenNames('onedrive') },
)
