import { describeDriver } from '@filegate/conformance'
import { driveHarness } from './testing/drive-harness.ts'

describeDriver('a simulated Google Drive', await driveHarness())
