import { createCipheriv } from 'node:crypto'

/** Bytes that look random and are the same in every run. */
export function deterministicBytes(size: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16, 2))
  return cipher.update(Buffer.alloc(size))
}

const vocabulary = [
  'const',
  'return',
  'value',
  'error',
  'function',
  'index',
  'stream',
  'await',
  'name',
  'path',
  '=>',
  '{',
  '}',
]

/** About `size` characters of something like source code, different for each `seed`. */
export function words(seed: number, size: number): string {
  let state = (seed + 1) * 2_654_435_761
  let text = ''
  while (text.length < size) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += vocabulary[state % vocabulary.length]
    text += state % 11 === 0 ? `\n  item${state % 1000} ` : ' '
  }
  return text
}
