import { parsedOption } from './fragment.ts'
import type { Bounds } from './scalars.ts'

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 }
const form = /^([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgtp])i?)?b?$/i

/** The bytes that a text such as `5242880`, `5M`, `5Mi` or `1.5G` means; units are powers of 1024 with or without the `i`. */
export function parseByteSize(text: string): number | undefined {
  const [, digits, unit = ''] = form.exec(text.trim()) ?? []
  const power = powers[unit.toLowerCase()]
  if (digits === undefined || power === undefined) return undefined
  const amount = Number(digits)
  // Half a byte is a mistake, half a gigabyte is none.
  if (power === 0 && !Number.isInteger(amount)) return undefined
  const bytes = Math.round(amount * 1024 ** power)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

export interface ByteSizeRules extends Bounds {
  /** Accepts `off` and -1 as well, which come out as -1. */
  readonly canBeOff?: boolean | undefined
}

/** A number of bytes. */
export function byteSize({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER, canBeOff = false }: ByteSizeRules = {}) {
  const bounds = minimum > 0 || maximum < Number.MAX_SAFE_INTEGER ? ` from ${minimum} to ${maximum} bytes` : ''
  const rule = `must be a size${bounds} such as 5242880, 512K, 5M or 1G${canBeOff ? ', or off' : ''}`
  return parsedOption('string', rule, (value) => {
    if (typeof value === 'boolean') return undefined
    const said = String(value).trim().toLowerCase()
    if (canBeOff && (said === 'off' || said === '-1')) return -1
    const bytes = parseByteSize(said)
    return bytes !== undefined && bytes >= minimum && bytes <= maximum ? bytes : undefined
  })
}
