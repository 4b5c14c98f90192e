import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseByteSize, StorageError } from '@filegate/core'

/**
 * Turns a value as it came (text from the command line or the environment, anything from YAML) into what it means.
 * Relative paths start at `folder`. Throws an Error whose message continues the name of the flag: "takes ...".
 */
export type ValueKind<T> = (value: unknown, folder: string) => T

function refuse(expected: string, value: unknown): never {
  throw new StorageError('InvalidArgument', `takes ${expected}, not ${JSON.stringify(value) ?? String(value)}`)
}

export const toggle: ValueKind<boolean> = (value) => {
  if (typeof value === 'boolean') return value
  const text = String(value).toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(text)) return true
  if (['false', '0', 'no', 'off'].includes(text)) return false
  return refuse('true or false', value)
}

export const whole =
  (least: number, most: number): ValueKind<number> =>
  (value) => {
    const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
    return refuse(`a whole number from ${least} to ${most}`, value)
  }

/** Bytes, written as a number or with a unit of 1024: K, M, G, T. */
export const size: ValueKind<number> = (value) => {
  const bytes = typeof value === 'string' || typeof value === 'number' ? parseByteSize(String(value)) : undefined
  return bytes ?? refuse('a size such as 500M or 10G', value)
}

export const choice =
  <T extends string>(choices: readonly T[]): ValueKind<T> =>
  (value) =>
    choices.find((known) => known === value) ?? refuse(`one of ${choices.join(', ')}`, value)

export const text: ValueKind<string> = (value) => {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : refuse('text', value)
}

/** Several texts: a list in YAML, or one text cut at `separator`. Empty ones are dropped. */
export const list =
  (separator?: RegExp): ValueKind<readonly string[]> =>
  (value) => {
    const given: readonly unknown[] = Array.isArray(value) ? value : [value]
    const texts = given.map((item) => (typeof item === 'string' ? item : refuse('text or a list of texts', item)))
    const pieces = separator ? texts.flatMap((item) => item.split(separator)) : texts
    return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '')
  }

/** Secret texts, which no message repeats. */
export const secrets: ValueKind<readonly string[]> = (value) => {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  return given.map((item) => {
    if (typeof item === 'string' && item !== '') return item
    throw new StorageError('InvalidArgument', 'takes a rule such as user:password@/path:rw, or a list of rules')
  })
}

/** An absolute path. A leading `~/` is the home folder, as shells do not always expand it. */
export const path: ValueKind<string> = (value, folder) => {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) return refuse('a path', value)
  return resolve(folder, value === '~' || value.startsWith('~/') ? join(homedir(), value.slice(1)) : value)
}
