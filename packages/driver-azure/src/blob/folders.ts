import { StorageError } from '@filegate/core'

/** A key of a listing; `isFolder`: it only says that there is a directory of this name, and stands beside what that holds. */
export interface ListedKey {
  readonly name: string
  readonly isFolder: boolean
}

/**
 * Puts a marker, the name with `/` at its end, where a blob says that there is a directory, so that keys stay in order: `a`
 * comes before `a-b`, but `a/` after it. `held` are the names from the page before whose place had not come yet; those of this page
 * are given back. Names come in the order of a listing.
 */
export function orderedFolders<Key extends ListedKey>(
  keys: readonly Key[],
  { held, isLast }: { readonly held: readonly string[]; readonly isLast: boolean },
): { readonly placed: readonly (Key | string)[]; readonly held: readonly string[] } {
  const placed: (Key | string)[] = []
  // Each but the first goes on where the one before it ends, so the last one's place comes first.
  const waiting = [...held]
  const isDue = (folder: string, name: string): boolean =>
    !name.startsWith(folder) || name.slice(folder.length, folder.length + 1) >= '/'
  for (const key of keys) {
    for (let folder = waiting.at(-1); folder !== undefined && isDue(folder, key.name); folder = waiting.at(-1)) {
      waiting.pop()
      if (key.name !== `${folder}/`) placed.push(`${folder}/`)
    }
    if (key.isFolder && !key.name.endsWith('/')) waiting.push(key.name)
    else placed.push(key)
  }
  if (isLast)
    placed.push(
      ...waiting
        .splice(0)
        .reverse()
        .map((folder) => `${folder}/`),
    )
  return { placed, held: waiting }
}

/** A place in a listing, with the names whose place has not come yet. */
export interface FolderCursor {
  readonly token: string | undefined
  readonly held: readonly string[]
}

/** What the service gives out holds no such character. */
const mark = '\n'

export const cursorText = ({ token, held }: FolderCursor): string | undefined =>
  token === undefined || held.length === 0 ? token : `${mark}${JSON.stringify([token, ...held])}`

/** @throws StorageError `InvalidArgument` on what `cursorText` did not make */
export function parseCursor(text: string | undefined): FolderCursor {
  if (!text?.startsWith(mark)) return { token: text, held: [] }
  const [token, ...held] = parsedList(text)
  if (typeof token === 'string' && held.every((name) => typeof name === 'string')) return { token, held }
  throw new StorageError('InvalidArgument', 'The cursor is none that this storage gave out.')
}

function parsedList(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}
