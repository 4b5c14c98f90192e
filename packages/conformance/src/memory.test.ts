import { describeDriver } from './describe-driver.ts'
import { memoryHarness } from './memory-harness.ts'

describeDriver('the storage in memory', memoryHarness())
