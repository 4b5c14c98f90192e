import { escapeAt } from './parse-escape.ts'
import type { SetItem } from './pattern.ts'
import { posixClasses } from './posix-classes.ts'
import { refusePattern } from './refuse-pattern.ts'

export interface CharClass {
  readonly items: readonly SetItem[]
  readonly negated: boolean
  /** Where the pattern goes on behind the closing bracket. */
  readonly end: number
}

/** The class whose opening bracket stands at `start`. */
export function charClass(text: string, start: number): CharClass {
  const negated = text[start + 1] === '^'
  let position = start + (negated ? 2 : 1)
  const items: SetItem[] = []
  for (let first = true; ; first = false) {
    if (position >= text.length) refusePattern(`the [ at character ${start + 1} has no ]`)
    if (text[position] === ']' && !first) {
      if (!negated && items.every(isNul)) refuseNul()
      return { items, negated, end: position + 1 }
    }
    const named = posixClass(text, position)
    if (named) {
      items.push(named.item)
      position = named.end
      continue
    }
    const one = member(text, position)
    position = one.end
    if (text[position] === '-' && text[position + 1] === '-') refuseOperator('-')
    if (text[position] === '-' && text[position + 1] !== ']' && position + 1 < text.length) {
      const other = member(text, position + 1)
      items.push(rangeOf(one.item, other.item))
      position = other.end
    } else {
      items.push(one.item)
    }
  }
}

interface Member {
  readonly item: SetItem
  readonly end: number
}

function member(text: string, position: number): Member {
  const char = text[position] ?? ''
  if (char === '\\') {
    const escape = escapeAt(text, position)
    if ('boundary' in escape) return refusePattern(`${text.slice(position, position + 2)} has no meaning inside [ ]`)
    return { item: escape.item, end: position + escape.length }
  }
  if (char === '[') return refusePattern('a [ inside [ ] is written \\[')
  if (operators.has(char) && text[position + 1] === char) return refuseOperator(char)
  const point = text.codePointAt(position) ?? 0
  return { item: { from: point, to: point }, end: position + (point > 0xffff ? 2 : 1) }
}

export const isNul = (item: SetItem): boolean => 'to' in item && item.to === 0

export const refuseNul = (): never => refusePattern('a NUL cannot be matched, because binary files are not searched')

/** Doubled they are set operations to ripgrep. */
const operators = new Set(['&', '-', '~'])

const refuseOperator = (char: string): never =>
  refusePattern(`${char}${char} inside [ ] is not supported; write \\${char}\\${char} for the characters`)

function rangeOf(one: SetItem, other: SetItem): SetItem {
  if (!('from' in one) || !('from' in other))
    return refusePattern('a range inside [ ] goes from one character to another')
  if (other.to < one.from) return refusePattern('a range inside [ ] ends before its start')
  return { from: one.from, to: other.to }
}

function posixClass(text: string, position: number): Member | undefined {
  const [written = '', negated, name = ''] = /^\[:(\^?)([a-z]+):\]/.exec(text.slice(position, position + 20)) ?? []
  if (written === '') return undefined
  if (!Object.hasOwn(posixClasses, name)) {
    return refusePattern(`[:${name}:] is not known; there are ${Object.keys(posixClasses).join(', ')}`)
  }
  return { item: { property: `posix ${name}`, negated: negated === '^' }, end: position + written.length }
}
