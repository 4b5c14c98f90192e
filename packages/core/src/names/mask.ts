import { StorageError } from '../error.ts'
import { bitOf, nameClasses } from './classes.ts'

/** Nothing is changed, in either direction. */
export const rawMask = 1
const largest = 0xffff_ffff

const numberForms: readonly (readonly [form: RegExp, base: number])[] = [
  [/^0x(_?[0-9a-f]+)+$/i, 16],
  [/^0b(_?[01]+)+$/i, 2],
  [/^0o?(_?[0-7]+)+$/i, 8],
  [/^(0|[1-9](_?[0-9]+)*)$/, 10],
]

/** An integer in the syntax of Go; `undefined` when `text` is none. */
function parseInteger(text: string): number | undefined {
  const base = numberForms.find(([form]) => form.test(text))?.[1]
  if (base === undefined) return undefined
  const digits = text.replaceAll('_', '').replace(/^0[xbo]/i, '')
  return Number.parseInt(digits, base)
}

function parseItem(item: string): number {
  if (item.toLowerCase() === 'none') return 0
  const value = bitOf(item) ?? parseInteger(item)
  if (value === undefined) {
    const known = nameClasses.map(({ flag }) => flag).join(', ')
    throw new StorageError(
      'InvalidArgument',
      `${JSON.stringify(item)} is not a number and not an encoding flag (None, ${known}).`,
    )
  }
  if (value > largest) {
    throw new StorageError('InvalidArgument', `The encoding ${item} does not fit into 32 bits.`)
  }
  return value
}

/**
 * The mask that an `encoding` option means: a number, decimal or as Go writes it, or flags and numbers joined by commas.
 * Bits without a meaning are kept. `undefined` for an empty value, which asks for the provider's default.
 * @throws StorageError `InvalidArgument` on an unknown flag or a number that is no unsigned 32-bit integer.
 */
export function parseMask(value: string | number): number | undefined {
  const text = String(value).trim()
  if (text === '') return undefined
  return text.split(',').reduce((mask, item) => (mask | parseItem(item.trim())) >>> 0, 0)
}

/** The flags of a mask in the order of their bits; bits without a meaning as hexadecimal numbers. */
export function printMask(mask: number): string {
  const items: string[] = []
  for (let place = 0; place < 32; place++) {
    const bit = 2 ** place
    if ((mask & bit) !== 0) items.push(nameClasses[place]?.flag ?? `0x${bit.toString(16).toUpperCase()}`)
  }
  return items.join(',') || 'None'
}
