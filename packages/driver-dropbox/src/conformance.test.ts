import { describeDriver } from '@filegate/conformance'
import { dropboxHarness } from './testing/dropbox-harness.ts'
import { forbiddenNames } from '../../../test/simulators/vendor-names.ts'

describeDriver('a simulated Dropbox', await dropboxHarness(), { except: forbiddenNames('dropbox') })
