import { encryptPair, expandKey, freshBlowfish } from './blowfish.ts'

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const standardAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** What bcrypt encrypts 64 times to get its digest. */
const magic = Buffer.from('OrpheanBeholderScryDoubt')
const longestPassword = 72

/**
 * The 31 characters of a bcrypt hash (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999; the `$2b$` form).
 * `salt` is its 22 characters. Takes tens of milliseconds and more: not for the main thread.
 */
export function bcrypt(password: Buffer, cost: number, salt: string): string {
  const key = Buffer.concat([password.subarray(0, longestPassword), Buffer.of(0)]).subarray(0, longestPassword)
  const saltBytes = decode(salt)
  const saltWords = bigEndianWords(saltBytes)
  const cipher = freshBlowfish()
  expandKey(cipher, key, saltWords)
  for (let round = 2 ** cost; round > 0; round -= 1) {
    expandKey(cipher, key)
    expandKey(cipher, saltBytes)
  }
  const words = bigEndianWords(magic)
  for (let place = 0; place < words.length; place += 2) {
    for (let times = 0; times < 64; times += 1) encryptPair(cipher, words, place)
  }
  const bytes = Buffer.alloc(words.length * 4)
  for (const [place, word] of words.entries()) bytes.writeInt32BE(word, place * 4)
  // The last of the 24 bytes is left out, by an old mistake that everybody keeps.
  return encode(bytes.subarray(0, 23))
}

function bigEndianWords(bytes: Buffer): Int32Array {
  return Int32Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readInt32BE(place * 4))
}

/** bcrypt's base64 is the standard one with another alphabet and without padding. */
function encode(bytes: Buffer): string {
  return translate(bytes.toString('base64').replace(/=+$/, ''), standardAlphabet, alphabet)
}

function decode(text: string): Buffer {
  return Buffer.from(translate(text, alphabet, standardAlphabet), 'base64').subarray(0, 16)
}

function translate(text: string, from: string, to: string): string {
  return Array.from(text, (letter) => to[from.indexOf(letter)] ?? '').join('')
}
