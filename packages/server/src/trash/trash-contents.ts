import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isTrashId, type TrashId } from './trash-id.ts'
import { itemFrom, type TrashItem } from './trash-item.ts'

/** Everything that is kept, by name. */
export interface TrashContents {
  /** The latest first. */
  ids(): Promise<readonly TrashId[]>
  /** Undefined when it is no longer there. */
  item(id: TrashId): Promise<TrashItem | undefined>
  /** The names of everything in the folder, whole or not. */
  names(): Promise<readonly string[]>
}

export const noteSuffix = '.json'

/** `folder` is absolute, and may not be there yet. */
export function trashContents(folder: string): TrashContents {
  const names = async (): Promise<readonly string[]> => (await ifThere(readdir(folder))) ?? []
  return {
    names,
    ids: async () => idsIn(await names()),
    async item(id) {
      const text = await ifThere(readFile(join(folder, `${id}${noteSuffix}`), 'utf8'))
      return text === undefined ? undefined : itemFrom(id, text)
    },
  }
}

/** Only what has its note beside it counts. */
function idsIn(names: readonly string[]): readonly TrashId[] {
  const all = new Set(names)
  return names
    .filter(isTrashId)
    .filter((id) => all.has(id + noteSuffix))
    .toSorted()
    .toReversed()
}

async function ifThere<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
