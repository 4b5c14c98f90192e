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
