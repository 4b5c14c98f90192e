import type { Lines } from './match-lines.ts'

/** Changes after which the search for the best way is given up and the farthest one is taken. */
const mostSteps = 256
/** Where no way has come. */
const nowhere = -0x4000_0000

/** Scratch space: how far the ways have come on each diagonal, from the start and from the end. */
export interface Steps {
  readonly most: number
  readonly forward: Int32Array
  readonly backward: Int32Array
}

export function stepsFor(length: number): Steps {
  const most = Math.max(1, Math.min(mostSteps, length))
  const size = 2 * most + 3
  return { most, forward: new Int32Array(size), backward: new Int32Array(size) }
}

/**
 * A point that the way of the fewest changes from one text to the other passes: so many lines of the one, so many of the
 * other (E. Myers, An O(ND) difference algorithm and its variations, Algorithmica 1, 1986, section 4b). Both texts have
 * lines, and neither their first nor their last ones are equal.
 */
export function splitPoint(before: Lines, after: Lines, { most, forward, backward }: Steps): readonly [number, number] {
  const width = before.length
  const height = after.length
  const delta = width - height
  const isOdd = (delta & 1) !== 0
  const middle = most + 1
  forward.fill(nowhere)
  backward.fill(nowhere)
  forward[middle + 1] = 0
  backward[middle + 1] = 0
  for (let step = 0; step <= most; step++) {
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      let x = farthest(forward, middle + diagonal, step === 0)
      let y = x - diagonal
      if (x > width || y > height || y < 0 || x < 0) {
        forward[middle + diagonal] = nowhere
        continue
      }
      while (x < width && y < height && before[x] === after[y]) {
        x += 1
        y += 1
      }
      forward[middle + diagonal] = x
      const other = delta - diagonal
      if (isOdd && Math.abs(other) < step && x + (backward[middle + other] ?? nowhere) >= width) return [x, y]
    }
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      let x = farthest(backward, middle + diagonal, step === 0)
      let y = x - diagonal
      if (x > width || y > height || y < 0 || x < 0) {
        backward[middle + diagonal] = nowhere
        continue
      }
      while (x < width && y < height && before[width - 1 - x] === after[height - 1 - y]) {
        x += 1
        y += 1
      }
      backward[middle + diagonal] = x
      const other = delta - diagonal
      if (!isOdd && Math.abs(other) <= step && x + (forward[middle + other] ?? nowhere) >= width) {
        return [width - x, height - y]
      }
    }
  }
  return farthestPoint(forward, middle)
}

/** One line more of the one text, or of the other: whichever has come farther on the way there. */
function farthest(reached: Int32Array, at: number, isStart: boolean): number {
  if (isStart) return 0
  const across = (reached[at - 1] ?? nowhere) + 1
  const down = reached[at + 1] ?? nowhere
  return Math.max(across, down)
}

function farthestPoint(forward: Int32Array, middle: number): readonly [number, number] {
  let best: readonly [number, number] = [0, 0]
  for (const [place, x] of forward.entries()) {
    const y = x - (place - middle)
    if (x >= 0 && y >= 0 && x + y > best[0] + best[1]) best = [x, y]
  }
  return best
}
