import { type CodePoints, complement, union, withCases, without, withProperty } from './code-points.ts'
import type { Boundary, PatternNode, SetItem } from './pattern.ts'
import { posixClasses } from './posix-classes.ts'

/** A step of the automaton. Steps are numbers; `match` is the one that is reached when the pattern has matched. */
export type Step =
  | { readonly type: 'set'; readonly set: number; next: number }
  | { readonly type: 'boundary'; readonly boundary: Boundary; next: number }
  | { readonly type: 'fork'; first: number; second: number }
  | { readonly type: 'match' }

/** What stands before or after a place in a line, as far as a boundary cares. */
export const lineBreak = 0
export const carriageReturn = 1
export const wordCharacter = 2
export const otherCharacter = 3
/** A byte that is no UTF-8. */
export const noCharacter = 4
export type Surroundings = 0 | 1 | 2 | 3 | 4

/** A nondeterministic automaton over classes of characters that no set of the pattern tells apart. */
export interface Automaton {
  readonly steps: readonly Step[]
  readonly start: number
  readonly classes: CharClasses
  /** `members[set * classes.count + class]` is 1 where the class belongs to the set. */
  readonly members: Uint8Array
}

export interface CharClasses {
  readonly count: number
  /** The class of each ASCII character, which is also that of the byte. */
  readonly ascii: Uint16Array
  /** Line feed, and the end of the text. */
  readonly lineFeed: number
  /** Of bytes that are no UTF-8: they belong to no set, not even to a negated one. */
  readonly invalid: number
  /** The class of a character beyond ASCII. */
  readonly of: (point: number) => number
  /** What each class is to a boundary. */
  readonly surroundings: readonly Surroundings[]
}

const names: Readonly<Record<string, () => CodePoints>> = {
  ...Object.fromEntries(Object.entries(posixClasses).map(([name, points]) => [`posix ${name}`, () => points])),
  digit: () => withProperty('Nd'),
  space: () => withProperty('White_Space'),
  word: () => union(...['Alphabetic', 'M', 'Nd', 'Pc', 'Join_Control'].map(withProperty)),
}

const lineBreaks: CodePoints = [0x0a, 0x0a, 0x0d, 0x0d]

/** Case is ignored before a class is negated, so that `\P{Lu}` then matches no letter that has an upper case. */
function pointsOf(item: SetItem, ignoreCase: boolean): CodePoints {
  if ('from' in item) return [item.from, item.to]
  const points = names[item.property]?.() ?? withProperty(item.property)
  return item.negated ? complement(ignoreCase ? withCases(points) : points) : points
}

/** Line breaks belong to no set: `[^a]` and `\s` stay within their line. */
function pointsOfSet({ items, negated, ignoreCase }: Extract<PatternNode, { type: 'set' }>): CodePoints {
  const plain = union(...items.map((item) => pointsOf(item, ignoreCase)))
  const cased = ignoreCase ? withCases(plain) : plain
  return without(negated ? complement(cased) : cased, lineBreaks)
}

/** Thompson's construction, with counted repetitions written out; whoever parsed the pattern bounded them. */
export function compileAutomaton(tree: PatternNode): Automaton {
  const steps: Step[] = [{ type: 'match' }]
  const sets: CodePoints[] = []
  // A set inside a repetition is built many times.
  const setNumbers = new Map<PatternNode, number>()
  let watchesWords = false

  const add = (step: Step): number => steps.push(step) - 1

  function setNumber(node: Extract<PatternNode, { type: 'set' }>): number {
    const known = setNumbers.get(node)
    if (known !== undefined) return known
    const number = sets.push(pointsOfSet(node)) - 1
    setNumbers.set(node, number)
    return number
  }

  /** Builds from the back: the step that `node` begins with, and goes on with `next`. */
  function build(node: PatternNode, next: number): number {
    switch (node.type) {
      case 'set':
        return add({ type: 'set', set: setNumber(node), next })
      case 'boundary':
        watchesWords ||= !node.boundary.startsWith('line')
        return add({ type: 'boundary', boundary: node.boundary, next })
      case 'sequence':
        return node.parts.reduceRight((after, part) => build(part, after), next)
      case 'choice':
        return node.parts.map((part) => build(part, next)).reduceRight((second, first) => fork(first, second))
      case 'repeat':
        break
    }
    return repeat(node, next)
  }

  const fork = (first: number, second: number): number => add({ type: 'fork', first, second })

  function repeat({ part, min, max }: Extract<PatternNode, { type: 'repeat' }>, next: number): number {
    let start = next
    if (max === Number.POSITIVE_INFINITY) {
      const loop = { type: 'fork' as const, first: next, second: next }
      start = add(loop)
      loop.first = build(part, start)
    }
    const optional = max === Number.POSITIVE_INFINITY ? 0 : max - min
    for (let count = 0; count < optional; count++) start = fork(build(part, start), next)
    for (let count = 0; count < min; count++) start = build(part, start)
    return start
  }

  const start = build(tree, 0)
  const classes = partition(sets, watchesWords ? names['word']?.() : undefined)
  return { steps, start, ...classes }
}

/** Groups all characters by the sets they belong to. */
function partition(sets: readonly CodePoints[], word: CodePoints | undefined): Pick<Automaton, 'classes' | 'members'> {
  const watched = [...sets, word ?? [], [0x0a, 0x0a], [0x0d, 0x0d]]
  const borders = [...new Set([0, 0x110000, ...watched.flatMap((set) => bordersOf(set))])].sort((a, b) => a - b)
  const signatures = new Map<string, number>([['', 0]])
  const memberships: (readonly number[])[] = [[]]
  const classOfSpan = new Uint16Array(borders.length)
  const spans = borders.map((): number[] => [])
  watched.forEach((set, number) => {
    for (let place = 0, border = 0; place < set.length; place += 2) {
      while ((borders[border] ?? 0) < (set[place] ?? 0)) border++
      for (; (borders[border] ?? Infinity) <= (set[place + 1] ?? 0); border++) spans[border]?.push(number)
    }
  })
  spans.forEach((membership, span) => {
    const signature = membership.join()
    const known = signatures.get(signature) ?? memberships.push(membership) - 1
    signatures.set(signature, known)
    classOfSpan[span] = known
  })
  // One more class than there are memberships, for bytes that are no UTF-8.
  const invalid = memberships.length
  const count = invalid + 1
  const members = new Uint8Array(sets.length * count)
  memberships.forEach((membership, number) => {
    for (const set of membership) if (set < sets.length) members[set * count + number] = 1
  })
  const surroundingsOf = (membership: readonly number[]): Surroundings => {
    if (membership.includes(sets.length + 1)) return lineBreak
    if (membership.includes(sets.length + 2)) return carriageReturn
    return membership.includes(sets.length) ? wordCharacter : otherCharacter
  }
  const surroundings = [...memberships.map(surroundingsOf), noCharacter] as const
  const of = (point: number): number => classOfSpan[spanOf(borders, point)] ?? 0
  const ascii = Uint16Array.from({ length: 128 }, (_, point) => of(point))
  return {
    members,
    classes: { count, ascii, lineFeed: ascii[0x0a] ?? 0, invalid, of: remembered(of), surroundings },
  }
}

const bordersOf = (set: CodePoints): number[] => set.map((point, place) => (place % 2 === 0 ? point : point + 1))

/** The last border that is not above the point. */
function spanOf(borders: readonly number[], point: number): number {
  let low = 0
  let high = borders.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((borders[middle] ?? 0) <= point) low = middle
    else high = middle - 1
  }
  return low
}

/** A text beyond ASCII uses the same few characters again and again. */
function remembered(of: (point: number) => number): (point: number) => number {
  const known = new Int32Array(0x10000).fill(-1)
  return (point) => {
    if (point > 0xffff) return of(point)
    const found = known[point] ?? -1
    if (found >= 0) return found
    const number = of(point)
    known[point] = number
    return number
  }
}
