import { baseName, isWithin, joinPath, parsePath, type StoragePath } from '@filegate/core'
import type { Differences } from './compare.ts'
import type { Found, Place } from './place.ts'
import { foundOf } from './snapshot.ts'

export interface Move {
  readonly from: StoragePath
  readonly to: StoragePath
  readonly isFolder: boolean
}

/** What a folder held that is gone, and what stands at a path now. */
export interface Evidence {
  /** Some of them are enough. */
  readonly childrenOf: (folder: StoragePath) => Promise<readonly Place[]>
  /** Everything that a folder held, or a large part of it. */
  readonly allBelow: (folder: StoragePath) => Promise<readonly Place[]>
  readonly foundAt: (path: StoragePath) => Found | undefined
}

/** Things a folder held that are looked for at its new place. */
export const mostEvidence = 20

/**
 * What is gone at one path and has turned up at another: the same inode, and for a file the same size and time. The inode of a
 * folder that was removed may soon be that of another one, so something that it held has to be there as well.
 */
export async function movesAmong({ departed, arrived }: Differences, evidence: Evidence): Promise<readonly Move[]> {
  const moves = await matching([...departed.values()], arrived, evidence)
  const moved = new Set(moves.flatMap(({ from, to }) => [from, to]))
  const folders = [...departed.values()].filter(({ path, kind }) => kind === 'directory' && !moved.has(parsePath(path)))
  const inside = moves.filter(({ isFolder }) => isFolder)
  const isLeft = (path: StoragePath): boolean => !moved.has(path) && !inside.some(({ to }) => isWithin(path, to))
  const left = new Map([...arrived].filter(([path]) => isLeft(path)))
  if (folders.length === 0 || left.size === 0) return moves
  // Somebody had a file made at the new place before the folder was seen there: what it held came one by one, then.
  const held: Place[] = []
  for (const { path } of folders) if (held.length < mostHeld) held.push(...(await evidence.allBelow(parsePath(path))))
  return [...moves, ...(await matching(held, left, evidence))]
}

/** Places of folders that are gone among which files are looked for. */
export const mostHeld = 20_000

async function matching(
  departed: readonly Place[],
  arrived: Differences['arrived'],
  evidence: Evidence,
): Promise<readonly Move[]> {
  const gone = new Map<string, Place>()
  for (const place of departed) if (place.inode !== null) gone.set(place.inode, place)
  const moves: Move[] = []
  const folders: Move[] = []
  if (gone.size === 0) return moves
  for (const entry of arrived.values()) {
    const found = foundOf(entry, null)
    const place = found.inode === null ? undefined : gone.get(found.inode)
    if (!place || place.kind !== found.kind || isWithin(entry.path, parsePath(place.path))) continue
    // What a folder held that was moved has moved with it.
    if (folders.some(({ from, to }) => isWithin(entry.path, to) && isWithin(parsePath(place.path), from))) continue
    const isSame =
      found.kind === 'directory'
        ? await holdsTheSame(place, entry.path, evidence)
        : place.size === found.size && place.modified === found.modified
    if (!isSame) continue
    const move = { from: parsePath(place.path), to: entry.path, isFolder: found.kind === 'directory' }
    moves.push(move)
    if (move.isFolder) folders.push(move)
  }
  return moves
}

async function holdsTheSame(place: Place, to: StoragePath, { childrenOf, foundAt }: Evidence): Promise<boolean> {
  const children = await childrenOf(parsePath(place.path))
  return children.some(({ path, inode }) => foundAt(joinPath(to, baseName(parsePath(path))))?.inode === inode)
}
