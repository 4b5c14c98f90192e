import { lstatSync, statfsSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { isDirectory } from './facts.ts'

/**
 * Paths through a pinned descriptor are proof against a folder that is swapped for a link, but cost twice as much as
 * plain ones. This is the bargain: use plain paths for a batch and prove afterwards that no folder on the way was
 * swapped in between, not even back and forth. A swap renames or removes an entry of some folder, which POSIX has move
 * that folder's change time. So: every folder on the way must be the same inode with the same change time before and
 * after, and that time must lie far enough back that the next change could not be given the same one.
 * When it cannot be proved, the batch is thrown away and read through the descriptor.
 */
export type Proof = () => boolean

const quiet = { throwIfNoEntry: false } as const

/** Milliseconds; no kernel clock ticks slower than a hundred times a second. */
const settledAfter = 100
/** The same for file systems that keep whole seconds, as ext4 does in inodes of 128 bytes. */
const settledAfterSeconds = 2000

export const isSettled = ({ ctimeMs }: Pick<Stats, 'ctimeMs'>): boolean =>
  Date.now() - ctimeMs > (Number.isInteger(ctimeMs / 1000) ? settledAfterSeconds : settledAfter)

export const isSameInode = (one: Pick<Stats, 'dev' | 'ino'>, other: Pick<Stats, 'dev' | 'ino'>): boolean =>
  one.ino === other.ino && one.dev === other.dev

/** The magic numbers of statfs(2) of file systems on a local disk, which keep change times as POSIX says. */
const trusted: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0xf2f52010, // f2fs
  0x2fc12fc1, // zfs
])

/** The folders from `root` down to `directory`, both included; both are real paths, one inside the other. */
export function foldersBetween(root: string, directory: string): readonly string[] {
  const folders = [directory]
  for (let folder = directory; folder !== root; folders.push(folder)) {
    const parent = dirname(folder)
    if (parent === folder) return []
    folder = parent
  }
  return folders.reverse()
}

/**
 * @returns a check for after the batch, or `undefined` when plain paths below `directory` cannot be trusted.
 * `root` itself is where it is by the word of whoever started us.
 */
export function provePlainPaths(root: string, directory: string): Proof | undefined {
  const folders = foldersBetween(root, directory)
  const before: Stats[] = []
  for (const folder of folders) {
    const stats = lstatSync(folder, quiet)
    if (!stats || !isDirectory(stats) || stats.dev !== (before[0] ?? stats).dev) return undefined
    // What comes and goes in the last folder swaps nothing on the way to it.
    if (folder !== directory && !isSettled(stats)) return undefined
    before.push(stats)
  }
  if (folders.length === 0) return undefined
  return () =>
    folders.every((folder, depth) => {
      const [then, now] = [before[depth], lstatSync(folder, quiet)]
      return then && now && isSameInode(then, now) && (folder === directory || then.ctimeMs === now.ctimeMs)
    })
}

/** Whether the file system of `root` keeps change times that a proof can rest on. */
export function keepsChangeTimes(root: string): boolean {
  return process.platform === 'linux' && trusted.has(statfsSync(root).type)
}
