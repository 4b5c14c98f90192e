/** The one of `known` that `typed` is probably meant to be; undefined when none is near. */
export function suggest(typed: string, known: readonly string[]): string | undefined {
  const ranked = known.map((name) => ({ name, distance: editDistance(typed, name) }))
  const [best] = ranked.sort((one, other) => one.distance - other.distance)
  return best && best.distance < typed.length && best.distance <= Math.max(2, typed.length / 3) ? best.name : undefined
}

/** How many letters must be put in, taken out or replaced to turn `one` into `other` (Levenshtein). */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [row, letter] of Array.from(one).entries()) {
    const current = [row + 1]
    for (const [column, otherLetter] of Array.from(other).entries()) {
      const replaced = (previous[column] ?? 0) + (letter === otherLetter ? 0 : 1)
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[other.length] ?? 0
}
