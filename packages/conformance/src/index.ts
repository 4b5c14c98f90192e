export { describeDriver, type DescribeOptions } from './describe-driver.ts'
export { memoryHarness } from './memory-harness.ts'
export type { Control, Exception, Fault, Harness, Seed, SeedDirectory, SeedFile, SeenRequest } from './harness.ts'
export { type FaultyProxy, faultyHttpProxy, type ProxyManners } from './faulty-http-proxy.ts'
