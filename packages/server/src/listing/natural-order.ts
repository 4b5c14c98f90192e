/**
 * What names are sorted by: comparing two keys as plain strings gives the natural order, in which case does not count,
 * accents count only after the letters, and runs of digits count as numbers (`a2` before `a10`). Keys are several times
 * faster than `Intl.Collator` on large folders, because each name is looked at once.
 */
export function naturalKey(name: string): string {
  let key = name.toLowerCase()
  if (!isAscii(key)) key = key.normalize('NFKD').replace(accents, '')
  return digit.test(key) ? key.replace(digits, numberKey) : key
}

const accents = /\p{Mn}/gu
const digit = /\d/
const digits = /\d+/g
const notAscii = /[^\0-\x7f]/
const isAscii = (text: string): boolean => !notAscii.test(text)

/** Longer numbers are larger, so the length stands first. The leading digit keeps numbers where digits stand. */
function numberKey(run: string): string {
  let start = 0
  while (start < run.length - 1 && run[start] === '0') start++
  const number = start === 0 ? run : run.slice(start)
  return `0${String.fromCharCode(lengthBase + Math.min(number.length, longestNumber))}${number}`
}

const lengthBase = 64
const longestNumber = 50_000

/** Names whose keys are equal (`a`, `A`, `a01`, `a1`) still have one order, always the same. */
export function compareNatural(nameA: string, keyA: string, nameB: string, keyB: string): number {
  if (keyA < keyB) return -1
  if (keyA > keyB) return 1
  if (nameA < nameB) return -1
  return nameA > nameB ? 1 : 0
}
