export { bodyOf, type Slice } from './body.ts'
export { classify } from './errno.ts'
export { nameFromBytes } from './disk-name.ts'
export { openLocalDriver, type LocalDriver, type LocalOptions } from './driver.ts'
export { lendDirectory, type LentDirectory } from './lent-directory.ts'
export type { LocalListOptions } from './list.ts'
export {
  type FolderRow,
  type FolderTask,
  namesInFolder,
  type PinnedFolder,
  pinFolder,
  rowsInFolder,
} from './pinned-folder.ts'
export { walkLocal, type WalkItem, type WalkOptions } from './walk.ts'
