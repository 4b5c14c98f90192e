import type { Excluded } from './excluded.ts'

/** Leaves out paths of more bytes as well, and says so when it meets the first one. */
export function longerThan(most: number | undefined, isExcluded: Excluded, say: (message: string) => void): Excluded {
  if (most === undefined) return isExcluded
  let isSaid = false
  return (path) => {
    if (path.length * 3 <= most || Buffer.byteLength(path) <= most) return isExcluded(path)
    if (!isSaid) say(`the journal leaves out paths of more than ${most} bytes, which the database cannot look up`)
    isSaid = true
    return true
  }
}
