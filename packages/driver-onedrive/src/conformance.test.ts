import { describeDriver } from '@filegate/conformance'
import { startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { behindFaults } from './testing/fault-proxy.ts'
import { hurried } from './testing/hurried.ts'
import { oneDriveHarness } from './testing/onedrive-harness.ts'

/** https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa, on restrictions and limitations */
const reason = 'OneDrive allows no such names; what encoding makes of them is tested with rclone'
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
  'a dot at its end',
  'a space at its end',
  'a space at its start',
  'dots only',
  'a tilde at its start',
  'a device of old',
].map((label) => ({ test: `a name with ${label} stays as it is`, reason }))

hurried()

const personal = await behindFaults(await startOneDrive())
describeDriver(
  'a personal drive',
  oneDriveHarness(personal, {
    options: { hash_type: 'sha1', list_chunk: 500 },
    control: personal.proxy.control,
    close: () => personal.close(),
  }),
  { except },
)

const business = await startOneDrive({ driveType: 'business' })
describeDriver(
  'a drive of an organization that is listed by its changes',
  oneDriveHarness(business, {
    siblings: 30,
    options: { delta: true, list_chunk: 20, chunk_size: '327680' },
    close: () => business.close(),
  }),
  { except },
)
