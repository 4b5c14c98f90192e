import { parsedOption } from '@filegate/core/options'

/** What happens to permissions where files are copied. */
export interface PermissionBits {
  readonly reads: boolean
  readonly writes: boolean
  /** Whether what fails with them is only told in the log. */
  readonly mayFail: boolean
}

const words: Readonly<Record<string, number>> = { off: 0, read: 1, write: 2, failok: 4 }

function bitsOf(value: string): number | undefined {
  const text = value.trim().toLowerCase()
  if (/^[0-7]$/.test(text)) return Number(text)
  let bits = 0
  for (const word of text === '' ? [] : text.split(/\s*,\s*/)) {
    if (!Object.hasOwn(words, word)) return undefined
    bits |= words[word] ?? 0
  }
  return bits
}

/** A number of bits, or their names with commas. */
export const permissionBits = () =>
  parsedOption(
    'string',
    'must be off, or some of read, write and failok with commas',
    (value): PermissionBits | undefined => {
      const bits = bitsOf(String(value))
      if (bits === undefined) return undefined
      return { reads: (bits & 1) !== 0, writes: (bits & 2) !== 0, mayFail: (bits & 4) !== 0 }
    },
  ).prefault('0')
