/** Indices of a longest subsequence of distinct numbers that increases. In n log n steps. */
export function increasing(values: Int32Array): number[] {
  // `ends[n]` is the index of the smallest value with which a subsequence of n + 1 numbers can end.
  const ends = new Int32Array(values.length)
  const previous = new Int32Array(values.length).fill(-1)
  let length = 0
  for (const [index, value] of values.entries()) {
    let low = 0
    let high = length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((values[ends[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    if (low > 0) previous[index] = ends[low - 1] ?? -1
    ends[low] = index
    if (low === length) length += 1
  }
  const found: number[] = []
  for (let index = length > 0 ? (ends[length - 1] ?? -1) : -1; index >= 0; index = previous[index] ?? -1)
    found.push(index)
  return found.toReversed()
}
