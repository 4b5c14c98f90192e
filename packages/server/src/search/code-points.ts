/** A set of Unicode scalar values: inclusive ranges `from, to, from, to, ...`, ascending and disjoint. */
export type CodePoints = readonly number[]

const last = 0x10ffff
/** UTF-8 cannot hold these, so no set does. */
const surrogates: CodePoints = [0xd800, 0xdfff]

/** The sets' union; the members may be unsorted and may overlap. */
export function union(...sets: readonly CodePoints[]): CodePoints {
  const ranges: (readonly [number, number])[] = []
  for (const set of sets) {
    for (let place = 0; place < set.length; place += 2) ranges.push([set[place] ?? 0, set[place + 1] ?? 0])
  }
  ranges.sort(([one], [other]) => one - other)
  const merged: number[] = []
  for (const [from, to] of ranges) {
    const end = merged.at(-1)
    if (end !== undefined && from <= end + 1) merged[merged.length - 1] = Math.max(end, to)
    else merged.push(from, to)
  }
  return merged
}

export function complement(set: CodePoints): CodePoints {
  const gaps: number[] = []
  let from = 0
  const taken = union(set, surrogates)
  for (let place = 0; place < taken.length; place += 2) {
    const start = taken[place] ?? 0
    if (start > from) gaps.push(from, start - 1)
    from = (taken[place + 1] ?? 0) + 1
  }
  if (from <= last) gaps.push(from, last)
  return gaps
}

export const without = (set: CodePoints, removed: CodePoints): CodePoints => complement(union(complement(set), removed))

export function contains(set: CodePoints, point: number): boolean {
  let low = 0
  let high = set.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((set[2 * middle + 1] ?? 0) < point) low = middle + 1
    else high = middle
  }
  return point >= (set[2 * low] ?? Number.POSITIVE_INFINITY)
}

/** The code points with a Unicode property, named as inside `\p{...}` of a JavaScript pattern with the flag `u`. */
export function withProperty(name: string): CodePoints {
  const known = properties.get(name)
  if (known) return known
  const runs = new RegExp(`\\p{${name}}+`, 'gu')
  const found: number[] = []
  for (let block = 0; block <= last; block += blockSize) {
    const text = blockText(block)
    for (const { 0: run } of text.matchAll(runs)) {
      const end = run.codePointAt(run.length - (block > 0xffff ? 2 : 1))
      found.push(run.codePointAt(0) ?? 0, end ?? 0)
    }
  }
  const set = union(found)
  properties.set(name, set)
  return set
}

const properties = new Map<string, CodePoints>()
const blockSize = 0x8000

/** The code points of a block in order, surrogates left out. */
function blockText(block: number): string {
  const units = new Uint16Array(2 * blockSize)
  let length = 0
  for (let point = block; point < block + blockSize; point++) {
    if (point > 0xffff) {
      units[length++] = 0xd7c0 + (point >> 10)
      units[length++] = 0xdc00 + (point & 0x3ff)
    } else if (point < 0xd800 || point > 0xdfff) {
      units[length++] = point
    }
  }
  return Buffer.from(units.buffer, 0, 2 * length).toString('utf16le')
}

/** With every code point that differs from a member by case only (simple case folding, as ripgrep does it). */
export function withCases(set: CodePoints): CodePoints {
  const added: number[] = []
  for (const [point, orbit] of caseOrbits()) {
    if (contains(set, point)) for (const other of orbit) added.push(other, other)
  }
  return union(set, added)
}

let orbits: Map<number, readonly number[]> | undefined

/** For every code point that has cases, all of them. */
function caseOrbits(): Map<number, readonly number[]> {
  if (orbits) return orbits
  const byFolded = new Map<number, number[]>()
  const cased = withProperty('Changes_When_Casemapped')
  for (let place = 0; place < cased.length; place += 2) {
    for (let point = cased[place] ?? 0; point <= (cased[place + 1] ?? 0); point++) {
      const folded = fold(point)
      byFolded.set(folded, [...(byFolded.get(folded) ?? []), point])
    }
  }
  orbits = new Map()
  for (const members of byFolded.values()) {
    if (members.length > 1) for (const member of members) orbits.set(member, members)
  }
  return orbits
}

/**
 * Where Unicode's CaseFolding.txt (statuses C and S) is not lower case of upper case: the Turkish letters have no simple
 * folding, and three letters have a twin with which they share only an upper case of several letters.
 */
const exceptions = new Map([
  [0x130, 0x130],
  [0x131, 0x131],
  [0x1fd3, 0x390],
  [0x1fe3, 0x3b0],
  [0xfb05, 0xfb06],
])

const fold = (point: number): number => exceptions.get(point) ?? mapped(mapped(point, 'toUpperCase'), 'toLowerCase')

/** The point itself where its counterpart is more than one. */
function mapped(point: number, method: 'toUpperCase' | 'toLowerCase'): number {
  const text = String.fromCodePoint(point)[method]()
  const result = text.codePointAt(0) ?? point
  return text.length === String.fromCodePoint(result).length ? result : point
}
