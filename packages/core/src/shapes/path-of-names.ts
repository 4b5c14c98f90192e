import { segmentOfName } from '../names/segment.ts'
import { joinPath, root, type StoragePath } from '../path.ts'

/** The path that leads through directories of these names, as the vendor writes them. */
export const pathOfNames = (names: readonly string[], from: StoragePath = root): StoragePath =>
  names.reduce<StoragePath>((parent, name) => joinPath(parent, segmentOfName(name)), from)
