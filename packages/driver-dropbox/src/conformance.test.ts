import { describeDriver } from '@filegate/conformance'
import { dropboxHarness } from './testing/dropbox-harness.ts'

const except = ['a backslash', 'a backslash at its end', 'a DEL character', 'a space at its end'].map((label) => ({
  test: `a name with ${label} stays as it is`,
  reason: 'the vendor forbids it; the encoding replaces it, which is tested beside',
}))

describeDriver('a simulated Dropbox', await dropboxHarness(), { except })
