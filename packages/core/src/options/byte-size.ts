import { parsedOption } from './fragment.ts'
import { parseByteSize } from './parse-byte-size.ts'
import type { Bounds } from './scalars.ts'

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
