import type { StoragePath } from '@filegate/core'

/**
 * The name of one side of a difference, as git writes it, so that `patch -p1` finds the file: a prefix, and quoted like in C
 * where the name has characters that would end it. Behind it the time of that state.
 */
export function sideName(prefix: 'a' | 'b', path: StoragePath, modified: number | undefined): string {
  const name = `${prefix}/${path}`
  const time = modified === undefined ? '' : `\t${new Date(modified).toISOString()}`
  return `${special.test(name) ? `"${name.replace(specials, escaped)}"` : name}${time}`
}

// oxlint-disable-next-line no-control-regex -- they are what is meant
const special = /["\\\u0000-\u001F\u007F]/
// oxlint-disable-next-line no-control-regex -- they are what is meant
const specials = /["\\\u0000-\u001F\u007F]/g

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  return `\\${(character.codePointAt(0) ?? 0).toString(8).padStart(3, '0')}`
}
