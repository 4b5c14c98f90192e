import { LRUCache } from 'lru-cache'

/** A place in a file and how many newlines stand before it. */
export interface ScanPosition {
  readonly offset: number
  readonly newlines: number
}

/** What scans of one state of one file found out, so that the next need not start at the top. */
export interface LineIndex {
  /** Bytes from one checkpoint to the next. */
  readonly spacing: number
  /** `checkpoints[n]` newlines stand before offset `n * spacing`. It starts with 0 and has no gaps. */
  readonly checkpoints: number[]
  /** Lines of the whole file, once a scan has reached its end. */
  total?: number | undefined
}

const smallestSpacing = 512 * 1024
/** An index of more than these is made coarser instead: a scan of a few megabytes takes less than a millisecond. */
const mostCheckpoints = 16_384

/** `size`: bytes of the file where known. Without it, checkpoints end where they become too many. */
export function createLineIndex(size?: number): LineIndex {
  const coarser = Math.ceil((size ?? 0) / (smallestSpacing * mostCheckpoints))
  const spacing = smallestSpacing * Math.max(1, coarser)
  return { spacing, checkpoints: [0] }
}

/** Keeps what a scan tells of `position`, if it follows what is known. */
export function addCheckpoint(index: LineIndex, { offset, newlines }: ScanPosition): void {
  const { checkpoints, spacing } = index
  if (offset === checkpoints.length * spacing && checkpoints.length < mostCheckpoints) checkpoints.push(newlines)
}

/** The last known place that is certain to lie before line `first` starts, or at the start of the file. */
export function positionBefore({ checkpoints, spacing }: LineIndex, first: number): ScanPosition {
  let [known, beyond] = [0, checkpoints.length]
  while (beyond - known > 1) {
    const middle = Math.floor((known + beyond) / 2)
    // With first - 1 newlines before it, a checkpoint may stand in the middle of the line.
    if ((checkpoints[middle] ?? Infinity) < first - 1) known = middle
    else beyond = middle
  }
  return { offset: known * spacing, newlines: checkpoints[known] ?? 0 }
}

/** Indexes of the files asked for last, by the identity of their bytes. */
export type LineIndexes = LRUCache<string, LineIndex>

const overhead = 256
const bytesForIndexes = 8 * 1024 * 1024

/** An index grows after it was put here: whoever has scanned puts it again. */
export function createLineIndexes(): LineIndexes {
  return new LRUCache({
    maxSize: bytesForIndexes,
    sizeCalculation: ({ checkpoints }, identity) => overhead + identity.length + checkpoints.length * 8,
  })
}
