/** Indices of a longest subsequence of distinct numbers that increases, in n log n steps; in one for each number where all do. */
export function increasing(values: Int32Array): Int32Array {
  // `ends[n]` is the index of the smallest value with which a subsequence of n + 1 numbers can end.
  const ends = new Int32Array(values.length)
  const previous = new Int32Array(values.length)
  let length = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    const place = placeFor(value, values, ends, length)
    previous[index] = place > 0 ? (ends[place - 1] ?? 0) : -1
    ends[place] = index
    if (place === length) length += 1
  }
  const found = new Int32Array(length)
  let index = ends[length - 1] ?? 0
  for (let place = length - 1; place >= 0; place--) {
    found[place] = index
    index = previous[index] ?? 0
  }
  return found
}

/** How many of the subsequences end with a smaller value. */
function placeFor(value: number, values: Int32Array, ends: Int32Array, length: number): number {
  if (length === 0 || (values[ends[length - 1] ?? 0] ?? 0) < value) return length
  let low = 0
  let high = length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[ends[middle] ?? 0] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
