const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** A size for people: `0 bytes`, `999 bytes`, `4.3 KB`, `128 MB`. Steps of 1,000, as disks and browsers count. */
export function humanSize(bytes: number): string {
  if (bytes === 1) return '1 byte'
  let unit = 0
  let amount = bytes
  // 999.6 would be written as 1000 of a unit, which is 1.0 of the next.
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000
    unit++
  }
  const digits = unit > 0 && amount < 99.95 ? 1 : 0
  return `${amount.toFixed(digits)} ${units[unit]}`
}

/** `12,345`. Written by hand: the first `Intl.NumberFormat` takes 30 ms, which the first listing would wait for. */
export const grouped = (amount: number): string => String(amount).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `12,345 bytes`: the exact size. */
export function exactSize(bytes: number): string {
  return `${grouped(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`
}

/** `1 file`, `12,345 files`. */
export function count(amount: number, one: string, many: string): string {
  return `${grouped(amount)} ${amount === 1 ? one : many}`
}

/** `2026-11-21 19:45`, in UTC; undefined for a time that no calendar holds. */
export function shortTime(milliseconds: number): string | undefined {
  const iso = isoTime(milliseconds)
  return iso && `${iso.slice(0, -14)} ${iso.slice(-13, -8)}`
}

/** `2026-11-21T19:45:10.000Z`; undefined for a time that no calendar holds. */
export function isoTime(milliseconds: number): string | undefined {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/**
 * A name as it is shown: control characters, which would vanish or break the line, appear as the pictures that Unicode
 * has for them, and so do the marks that could turn the direction of the text around them.
 */
export function shownName(name: string): string {
  if (!invisible.test(name)) return name
  return name.replace(invisibles, (char) => {
    const code = char.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\uFFFD'
  })
}

const invisiblePattern = '[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'
const invisible = new RegExp(invisiblePattern)
const invisibles = new RegExp(invisiblePattern, 'g')
