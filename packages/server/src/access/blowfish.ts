/** The key schedule of Blowfish: 18 subkeys, then four boxes of 256 words. */
export interface Blowfish {
  readonly subkeys: Int32Array
  readonly boxes: Int32Array
}

const subkeyCount = 18
const wordCount = subkeyCount + 4 * 256
let digitsOfPi: Int32Array | undefined

/** The state that Blowfish starts from is the fraction of pi, so it is computed instead of written down. */
export function freshBlowfish(): Blowfish {
  digitsOfPi ??= fractionOfPi(wordCount)
  return { subkeys: digitsOfPi.slice(0, subkeyCount), boxes: digitsOfPi.slice(subkeyCount) }
}

/** The first binary digits of pi behind the point, in words of 32 bits, by Machin's formula. */
function fractionOfPi(words: number): Int32Array {
  const spare = 64n
  const one = 1n << (32n * BigInt(words) + spare)
  const arcTangentOfInverse = (n: bigint): bigint => {
    let term = one / n
    let sum = term
    for (let divisor = 3n, sign = -1n; term > 0n; divisor += 2n, sign = -sign) {
      term /= n * n
      sum += sign * (term / divisor)
    }
    return sum
  }
  const pi = 4n * (4n * arcTangentOfInverse(5n) - arcTangentOfInverse(239n))
  const digits = ((pi & (one - 1n)) >> spare).toString(16).padStart(words * 8, '0')
  return Int32Array.from({ length: words }, (_, word) => Number.parseInt(digits.slice(word * 8, word * 8 + 8), 16))
}

/** Encrypts the pair of words at `place` in `words`, in place. */
export function encryptPair({ subkeys, boxes }: Blowfish, words: Int32Array, place: number): void {
  let left = words[place] ?? 0
  let right = words[place + 1] ?? 0
  for (let round = 0; round < 16; round += 2) {
    left ^= subkeys[round] ?? 0
    right ^= mix(boxes, left)
    right ^= subkeys[round + 1] ?? 0
    left ^= mix(boxes, right)
  }
  words[place] = right ^ (subkeys[17] ?? 0)
  words[place + 1] = left ^ (subkeys[16] ?? 0)
}

function mix(boxes: Int32Array, word: number): number {
  const high =
    ((boxes[word >>> 24] ?? 0) + (boxes[256 + ((word >>> 16) & 255)] ?? 0)) ^ (boxes[512 + ((word >>> 8) & 255)] ?? 0)
  return (high + (boxes[768 + (word & 255)] ?? 0)) | 0
}

/** Works `key` into the schedule. With a salt of four words this is the salted expansion of bcrypt. */
export function expandKey(cipher: Blowfish, key: Uint8Array, salt?: Int32Array): void {
  const { subkeys, boxes } = cipher
  for (let word = 0, byte = 0; word < subkeyCount; word += 1) {
    let value = 0
    for (let part = 0; part < 4; part += 1, byte += 1) value = (value << 8) | (key[byte % key.length] ?? 0)
    subkeys[word] = (subkeys[word] ?? 0) ^ value
  }
  const block = new Int32Array(2)
  let saltPlace = 0
  for (const words of [subkeys, boxes]) {
    for (let place = 0; place < words.length; place += 2) {
      if (salt) {
        block[0] = (block[0] ?? 0) ^ (salt[saltPlace] ?? 0)
        block[1] = (block[1] ?? 0) ^ (salt[saltPlace + 1] ?? 0)
        saltPlace = (saltPlace + 2) % 4
      }
      encryptPair(cipher, block, 0)
      words[place] = block[0] ?? 0
      words[place + 1] = block[1] ?? 0
    }
  }
}
