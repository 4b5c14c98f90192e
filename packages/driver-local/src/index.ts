export { bodyOf, type Slice } from './body.ts'
export { classify } from './classify.ts'
export { openLocalDriver, type LocalDriver, type LocalOptions } from './driver.ts'
export type { LocalListOptions } from './list.ts'
