import { nameClasses, nulPicture, quote, type Position } from './classes.ts'
import { byteMarks, escapeOf } from './bytes.ts'
import { rawMask } from './mask.ts'

/** What a mask means, in the form that the codec works with. Built once a mask. */
export interface NameTables {
  readonly raw: boolean
  readonly dot: boolean
  readonly invalidUtf8: boolean
  /** A character inside a name to what stands for it: its replacement, or itself quoted. */
  readonly body: ReadonlyMap<string, string>
  /** The same for the first and the last character. */
  readonly left: ReadonlyMap<string, string>
  readonly right: ReadonlyMap<string, string>
  /** A replacement to the character it stands for. */
  readonly bodyBack: ReadonlyMap<string, string>
  readonly leftBack: ReadonlyMap<string, string>
  readonly rightBack: ReadonlyMap<string, string>
  /** Matches every name that encoding, or decoding, may change. Most names match neither. */
  readonly encodes: RegExp
  readonly decodes: RegExp
}

type Pairs = readonly (readonly [from: string, to: string])[]

function pairsOf(mask: number, where: Position): Pairs {
  const active = nameClasses.filter((one) => one.where === where && (mask & one.bit) !== 0)
  return active.flatMap(({ from, to }) =>
    Array.from(from, (character, place) => [character, to.charAt(place)] as const),
  )
}

const forward = (pairs: Pairs): Map<string, string> =>
  new Map([...pairs.map(([, to]) => [to, quote + to] as const), ...pairs])

const backward = (pairs: Pairs): Map<string, string> => new Map(pairs.map(([from, to]) => [to, from]))

/** A character class of all `characters`; one that matches nothing when there are none. */
const anyOf = (characters: Iterable<string>): string =>
  `[${[...characters].map((character) => `\\u{${character.charCodeAt(0).toString(16)}}`).join('')}]`

function build(mask: number): NameTables {
  const [any, first, last] = [pairsOf(mask, 'any'), pairsOf(mask, 'first'), pairsOf(mask, 'last')]
  const inside: Pairs = [...any, ['\0', nulPicture]]
  const body = forward(inside).set(quote, quote + quote)
  const invalidUtf8 = (mask & flagBit('InvalidUtf8')) !== 0
  if (invalidUtf8) for (const [byte, mark] of byteMarks) body.set(mark, escapeOf(byte))
  const dot = (mask & flagBit('Dot')) !== 0
  const [left, right, bodyBack] = [forward(first), forward(last), backward(inside)]
  const [leftBack, rightBack] = [backward(first), backward(last)]
  const whole = dot ? '|^\\.{1,2}$|^\uFF0E{1,2}$' : ''
  return {
    raw: mask === rawMask,
    dot,
    invalidUtf8,
    body,
    left,
    right,
    bodyBack,
    leftBack,
    rightBack,
    encodes: new RegExp(`${anyOf(body.keys())}|^${anyOf(left.keys())}|${anyOf(right.keys())}$${whole}`, 'u'),
    decodes: new RegExp(
      `${anyOf([...bodyBack.keys(), quote])}|^${anyOf(leftBack.keys())}|${anyOf(rightBack.keys())}$${whole}`,
      'u',
    ),
  }
}

const flagBit = (flag: string): number => nameClasses.find((one) => one.flag === flag)?.bit ?? 0

const cache = new Map<number, NameTables>()
/** Masks come from users, so the number of different ones has no bound of its own. */
const cacheSize = 64

export function tablesOf(mask: number): NameTables {
  const known = cache.get(mask)
  if (known) return known
  if (cache.size >= cacheSize) cache.clear()
  const tables = build(mask)
  cache.set(mask, tables)
  return tables
}
