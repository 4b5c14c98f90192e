import { StorageError } from '../error.ts'
import { decodeText, encodeText } from './codec.ts'
import { escapeOf } from './bytes.ts'
import { tablesOf } from './tables.ts'

/** `Slash,Ctl,Del,Dot`: how users see names, whatever the storage. A name in this form is one safe path segment. */
export const standardMask = 33_652_738

/** Bytes that are not UTF-8 have to be spelled somehow in a string; no other name changes by this bit. */
const invalidUtf8 = 0x100_0000
const standard = tablesOf(standardMask)
const standardWithBytes = tablesOf(standardMask | invalidUtf8)

/**
 * What a user's spelling means. `‛FF` is a byte only where it cannot be anything else, as in what `toUser` gives;
 * otherwise it is these three characters.
 */
function meaning(name: string): string {
  if (!name.isWellFormed()) {
    throw new StorageError('InvalidPath', `The name ${JSON.stringify(name)} is not valid Unicode.`)
  }
  const withBytes = decodeText(standardWithBytes, name)
  return withBytes.isWellFormed() ? decodeText(standard, name) : withBytes
}

/**
 * A user's name as the vendor stores it under the provider's mask.
 * @throws StorageError `InvalidPath` when the vendor cannot store it.
 */
export function toWire(providerMask: number, name: string): string {
  const wire = encodeText(tablesOf(providerMask), meaning(name))
  if (wire.isWellFormed()) return wire
  throw new StorageError(
    'InvalidPath',
    `The name ${JSON.stringify(name)} holds bytes that are not UTF-8, which this storage cannot keep.`,
  )
}

const loneSurrogate = /\p{Surrogate}/gu

/** No byte sequence in UTF-8 means a lone surrogate, so each of the three bytes it would have is shown as invalid. */
function escapeSurrogate(unit: string): string {
  const code = unit.charCodeAt(0)
  return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)].map(escapeOf).join('')
}

/** A vendor's name as users see it. It never fails: names that other programs wrote must list too. */
export function toUser(providerMask: number, wire: string): string {
  const name = encodeText(standardWithBytes, decodeText(tablesOf(providerMask), wire))
  const shown = name.isWellFormed() ? name : name.replace(loneSurrogate, escapeSurrogate)
  // The encoding above rules these out. A name that got through would be a path out of the folder, so look once more.
  if (shown === '.' || shown === '..' || shown.includes('/') || shown.includes('\0')) {
    throw new StorageError('Unexpected', `The storage gave a name that cannot be shown: ${JSON.stringify(wire)}.`)
  }
  return shown
}

/** The one spelling under which `name` is listed; caches and locks key on it. */
export function canonicalName(name: string): string {
  return encodeText(standardWithBytes, meaning(name))
}
