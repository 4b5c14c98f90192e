import { StorageError } from '../error.ts'
import { bytesOf, carried, textOf } from './bytes.ts'
import { quote } from './classes.ts'
import { type NameTables, tablesOf } from './tables.ts'

/*
 * Turns one name, never a path, into the form that a vendor can store, and back. A character that the mask covers is
 * replaced by a look-alike; a look-alike that was there already is quoted, so that nothing is lost. At most one
 * character at each end has rules of its own. The meaning is rclone's, with two corrections: quotes before a replaced
 * last character are counted (an even number of them quotes each other), and a name whose wire form would be read back
 * as `..` is refused.
 */

const fullPeriod = '\uFF0E'

/** The whole-name rule: what each of these names becomes, and from what it came. */
const wholeNames: ReadonlyMap<string, string> = new Map([
  ['.', fullPeriod],
  ['..', fullPeriod + fullPeriod],
  [fullPeriod, quote + fullPeriod],
  [fullPeriod + fullPeriod, quote + fullPeriod + quote + fullPeriod],
])
const wholeWires: ReadonlyMap<string, string> = new Map([...wholeNames].map(([name, wire]) => [wire, name]))

const notRepresentable = (name: string, why: string): StorageError =>
  new StorageError('InvalidPath', `The name ${JSON.stringify(name)} ${why}.`)

/**
 * The vendor's form of `name`.
 * @throws StorageError `InvalidPath` when `name` is not valid Unicode, or has no form of its own under this mask.
 */
export function encodeName(mask: number, name: string): string {
  if (!name.isWellFormed()) throw notRepresentable(name, 'is not valid Unicode')
  return encodeText(tablesOf(mask), name)
}

/**
 * Our form of a vendor's name; any text decodes to something. An escaped byte stays escaped where undoing it would give a
 * name that is not valid UTF-8, which a string cannot hold.
 */
export function decodeName(mask: number, wire: string): string {
  const tables = tablesOf(mask)
  const name = wire.isWellFormed() ? decodeText(tables, wire) : undefined
  return name?.isWellFormed() ? name : decodeText({ ...tables, invalidUtf8: false }, wire)
}

/** `encodeName` for names of any bytes, UTF-8 or not. */
export function encodeNameBytes(mask: number, name: Uint8Array): Uint8Array {
  return bytesOf(encodeText(tablesOf(mask), textOf(name)))
}

/** `decodeName` for wire names of any bytes; an escaped byte always becomes that byte. */
export function decodeNameBytes(mask: number, wire: Uint8Array): Uint8Array {
  return bytesOf(decodeText(tablesOf(mask), textOf(wire)))
}

/** On text whose bytes that are not UTF-8 are carried by marks. */
export function encodeText(tables: NameTables, name: string): string {
  if (tables.raw || !tables.encodes.test(name)) return name
  const whole = tables.dot ? wholeNames.get(name) : undefined
  if (whole !== undefined) return whole
  const prefix = tables.left.get(name.charAt(0)) ?? ''
  const afterPrefix = prefix === '' ? name : name.slice(1)
  const suffix = tables.right.get(afterPrefix.charAt(afterPrefix.length - 1)) ?? ''
  const body = suffix === '' ? afterPrefix : afterPrefix.slice(0, -1)
  const wire = prefix + Array.from(body, (character) => tables.body.get(character) ?? character).join('') + suffix
  if (tables.dot && wholeWires.has(wire)) {
    throw notRepresentable(name, "cannot be stored here: it could not be told apart from '..'")
  }
  return wire
}

/** The inverse of `encodeText`. */
export function decodeText(tables: NameTables, wire: string): string {
  if (tables.raw || !tables.decodes.test(wire)) return wire
  const whole = tables.dot ? wholeWires.get(wire) : undefined
  if (whole !== undefined) return whole
  const prefix = decodePrefix(tables, wire)
  const rest = wire.slice(prefix.length)
  const suffix = decodeSuffix(tables, rest)
  const body = decodeBody(tables, rest.slice(0, rest.length - suffix.length))
  return prefix.text + body + suffix.text
}

/** What an edge decodes to, and how much of the wire name it is. */
interface Edge {
  readonly text: string
  readonly length: number
}

const noEdge: Edge = { text: '', length: 0 }

function decodePrefix({ leftBack }: NameTables, wire: string): Edge {
  const first = wire.charAt(0)
  const original = leftBack.get(first)
  if (original !== undefined) return { text: original, length: 1 }
  const second = wire.charAt(1)
  return first === quote && leftBack.has(second) ? { text: second, length: 2 } : noEdge
}

function decodeSuffix({ rightBack }: NameTables, wire: string): Edge {
  const last = wire.charAt(wire.length - 1)
  const original = rightBack.get(last)
  if (original === undefined) return noEdge
  let quotes = 0
  while (wire.charAt(wire.length - 2 - quotes) === quote) quotes++
  return quotes % 2 === 1 ? { text: last, length: 2 } : { text: original, length: 1 }
}

const hexPair = /^[0-9A-Fa-f]{2}/

function decodeBody({ bodyBack, invalidUtf8 }: NameTables, wire: string): string {
  let name = ''
  let hasBytes = false
  for (let at = 0; at < wire.length; ) {
    const character = wire.charAt(at)
    const next = wire.charAt(at + 1)
    if (character !== quote) {
      name += bodyBack.get(character) ?? character
      at += 1
    } else if (next === quote || bodyBack.has(next)) {
      name += next
      at += 2
    } else if (invalidUtf8 && hexPair.test(wire.slice(at + 1, at + 3))) {
      name += carried(Number.parseInt(wire.slice(at + 1, at + 3), 16))
      hasBytes = true
      at += 3
    } else {
      name += character + next
      at += 2
    }
  }
  // Escaped bytes that stand side by side can make up a valid character.
  return hasBytes ? textOf(bytesOf(name)) : name
}
