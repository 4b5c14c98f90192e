import { hash } from 'node:crypto'

/**
 * SHA-crypt, the `$5$` and `$6$` of crypt(3), as Ulrich Drepper's specification defines it
 * (https://www.akkadia.org/drepper/SHA-crypt.txt). Takes tens of milliseconds: not for the main thread.
 */
export function shaCrypt(variant: Variant, password: Buffer, salt: string, rounds: number): string {
  const { algorithm, length } = variants[variant]
  const digest = (...parts: readonly Buffer[]): Buffer => hash(algorithm, Buffer.concat(parts), 'buffer')
  const saltBytes = Buffer.from(salt)

  const alternate = digest(password, saltBytes, password)
  const start = [password, saltBytes, repeated(alternate, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) start.push(bits & 1 ? alternate : password)
  let state = digest(...start)

  const passwordBytes = repeated(digest(repeated(password, password.length ** 2)), password.length)
  const saltSequence = repeated(digest(repeated(saltBytes, saltBytes.length * (16 + at(state, 0)))), saltBytes.length)
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1
    const parts = [odd ? passwordBytes : state]
    if (round % 3 !== 0) parts.push(saltSequence)
    if (round % 7 !== 0) parts.push(passwordBytes)
    parts.push(odd ? state : passwordBytes)
    state = digest(...parts)
  }
  return encode(variant, state.subarray(0, length))
}

export type Variant = '5' | '6'

/** `turn`: how the three columns of the digest move from one output group to the next. */
const variants = {
  '5': { algorithm: 'sha256', length: 32, groups: 10, column: 10, turn: 2, rest: [31, 30] },
  '6': { algorithm: 'sha512', length: 64, groups: 21, column: 21, turn: 1, rest: [63] },
} as const

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The specification lists the byte order group by group; it is three columns whose order rotates from group to group. */
function encode(variant: Variant, bytes: Buffer): string {
  const { groups, column, turn, rest } = variants[variant]
  let text = ''
  for (let group = 0; group < groups; group += 1) {
    const [first = 0, second = 0, third = 0] = [0, 1, 2].map((place) => group + column * ((place + group * turn) % 3))
    text += letters((at(bytes, first) << 16) | (at(bytes, second) << 8) | at(bytes, third), 4)
  }
  const last = rest.reduce((value, place) => (value << 8) | at(bytes, place), 0)
  return text + letters(last, Math.ceil((rest.length * 8) / 6))
}

function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, place) => alphabet[(value >> (6 * place)) & 63]).join('')
}

/** `length` bytes of `bytes` over and over. */
function repeated(bytes: Buffer, length: number): Buffer {
  return bytes.length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes)
}

function at(bytes: Uint8Array, place: number): number {
  return bytes[place] ?? 0
}
