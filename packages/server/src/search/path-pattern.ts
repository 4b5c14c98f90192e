import type { NamePattern } from './name-pattern.ts'

/** A pattern for each name of a path; `**` stands for any number of names. */
export type PathPattern = readonly (NamePattern | '**')[]

/**
 * At the end `**` is everything inside, so at least one name. `spans`: which names `**` may stand for. As with the stars
 * in a name, going back to the last `**` only is enough.
 */
export function matchesPath(pattern: PathPattern, names: readonly string[], spans: NamePattern = () => true): boolean {
  let place = 0
  let stars = -1
  let tried = 0
  for (let at = 0; at < names.length; ) {
    const segment = pattern[place]
    if (segment === '**') {
      if (place === pattern.length - 1) return names.slice(at).every(spans)
      stars = place++
      tried = at
    } else if (segment?.(names[at] ?? '')) {
      place++
      at++
    } else if (stars >= 0 && spans(names[tried] ?? '')) {
      place = stars + 1
      at = ++tried
    } else return false
  }
  return place === pattern.length
}

/** Where in the pattern one can be after these names, all of them having matched. */
export function placesAfter(
  pattern: PathPattern,
  names: readonly string[],
  spans: NamePattern = () => true,
): ReadonlySet<number> {
  let places = withSkippedStars(pattern, new Set([0]))
  for (const name of names) {
    const next = new Set<number>()
    for (const place of places) {
      const segment = pattern[place]
      if (segment === '**' ? spans(name) : segment?.(name)) next.add(segment === '**' ? place : place + 1)
    }
    places = withSkippedStars(pattern, next)
  }
  return places
}

/** A `**` that is not the last may also stand for no name. */
function withSkippedStars(pattern: PathPattern, places: Set<number>): Set<number> {
  for (const place of places) if (pattern[place] === '**' && place < pattern.length - 1) places.add(place + 1)
  return places
}

/** Whether something below the directory can match. */
export const leadsInto = (pattern: PathPattern, names: readonly string[], spans: NamePattern): boolean =>
  [...placesAfter(pattern, names, spans)].some((place) => place < pattern.length)
