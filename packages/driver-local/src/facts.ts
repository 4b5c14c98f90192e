import type { Stats } from 'node:fs'

/** The members of `Stats` that entries are made of, so that they can also come as columns from another thread. */
export type Facts = Pick<Stats, 'mode' | 'uid' | 'gid' | 'ino' | 'dev' | 'size' | 'mtimeMs' | 'ctimeMs'>

const typeBits = 0o170000
const types = { file: 0o100000, directory: 0o040000, link: 0o120000 } as const

export const isFile = (facts: Facts): boolean => (facts.mode & typeBits) === types.file
export const isDirectory = (facts: Facts): boolean => (facts.mode & typeBits) === types.directory
export const isLink = (facts: Facts): boolean => (facts.mode & typeBits) === types.link

/**
 * Changes with every change of the content: each write moves the inode's change time, which nobody can set back, and
 * most of them the modification time. Times count in microseconds, the most that a double holds of them.
 */
export function etagOf(facts: Facts): string {
  const modified = Math.trunc(facts.mtimeMs * 1000)
  const changed = Math.trunc(facts.ctimeMs * 1000)
  const times = modified === changed ? `${modified}` : `${modified}-${changed}`
  return `"${facts.ino}-${facts.size}-${times}"`
}

/** Whether reading a directory may take more than a moment, by its `st_size`: it may hold some thousand names. */
export const isLargeDirectory = (facts: Facts): boolean => isDirectory(facts) && facts.size > 65_536
