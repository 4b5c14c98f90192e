import type { Boundary, SetItem } from './pattern.ts'
import { refusePattern } from './refuse-pattern.ts'

/** What a backslash and the characters behind it mean; `length` counts the backslash. */
export type Escape =
  | { readonly length: number; readonly item: SetItem }
  | { readonly length: number; readonly boundary: Boundary }

export const isDigit = (char: string | undefined): boolean => char !== undefined && /^\d$/.test(char)

const single = (point: number): SetItem => ({ from: point, to: point })

const simple: Readonly<Record<string, SetItem>> = {
  d: { property: 'digit', negated: false },
  D: { property: 'digit', negated: true },
  s: { property: 'space', negated: false },
  S: { property: 'space', negated: true },
  w: { property: 'word', negated: false },
  W: { property: 'word', negated: true },
  a: single(0x07),
  t: single(0x09),
  v: single(0x0b),
  f: single(0x0c),
}

const boundaries: Readonly<Record<string, Boundary>> = {
  b: 'word',
  B: 'notWord',
  '<': 'wordStart',
  '>': 'wordEnd',
}

const reasons: Readonly<Record<string, string>> = {
  n: '\\n cannot be matched, because a search goes line by line',
  r: '\\r cannot be matched, because it counts as part of the line break',
  k: 'back-references are not supported, because they cannot be searched in linear time',
  A: '\\A is not supported, write ^ for the start of a line',
  z: '\\z is not supported, write $ for the end of a line',
  Z: '\\Z is not supported, write $ for the end of a line',
}

/** The escape whose backslash stands at `position`. */
export function escapeAt(text: string, position: number): Escape {
  const char = text[position + 1]
  if (char === undefined) return refusePattern('it ends in a backslash')
  if (isDigit(char)) return refusePattern(reasons['k'] ?? '')
  const boundary = boundaries[char]
  if (boundary) {
    if (text.startsWith('b{', position + 1)) return refusePattern('write \\< and \\> for the edges of a word')
    return { length: 2, boundary }
  }
  const item = simple[char]
  if (item) return { length: 2, item }
  if (char === 'p' || char === 'P') return property(text, position)
  if (char === 'x' || char === 'u' || char === 'U') return codePoint(text, position)
  if (/^[!-/:-@[-`{-~ ]$/.test(char)) return { length: 2, item: single(char.charCodeAt(0)) }
  return refusePattern(reasons[char] ?? `the escape \\${char} is not known`)
}

const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function codePoint(text: string, position: number): Escape {
  const kind = text[position + 1] ?? ''
  const digits = digitsOf[kind] ?? 0
  const written = /^(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]+))/.exec(text.slice(position + 2, position + 2 + 10))
  const hexadecimal = written?.[1] ?? written?.[2]?.slice(0, digits)
  if (!hexadecimal || (written?.[1] === undefined && hexadecimal.length < digits)) {
    return refusePattern(`\\${kind} takes ${digits} hexadecimal digits, or any number of them in braces`)
  }
  const point = Number.parseInt(hexadecimal, 16)
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return refusePattern(`U+${hexadecimal} is no character`)
  if (point === 0x0a || point === 0x0d) return refusePattern(reasons[point === 0x0a ? 'n' : 'r'] ?? '')
  return { length: 2 + (written?.[1] === undefined ? digits : hexadecimal.length + 2), item: single(point) }
}

function property(text: string, position: number): Escape {
  const written = /^[pP](?:([A-Z])|\{([A-Za-z_]{1,40})\})/.exec(text.slice(position + 1, position + 50))
  const name = written?.[1] ?? written?.[2]
  const known = name === undefined ? undefined : knownProperty(name)
  if (!written || known === undefined) {
    return refusePattern('\\p takes a Unicode category or script, such as \\p{Lu}, \\p{Letter} or \\p{Greek}')
  }
  return { length: 1 + written[0].length, item: { property: known, negated: text[position + 1] === 'P' } }
}

/** Both engines know the general categories and the scripts by these names. */
function knownProperty(name: string): string | undefined {
  if (name === 'Cs' || name === 'Surrogate') return undefined
  return [`General_Category=${name}`, `Script=${name}`].find(isProperty)
}

function isProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, 'u') instanceof RegExp
  } catch {
    // That the engine refuses to compile it is the answer.
    return false
  }
}
