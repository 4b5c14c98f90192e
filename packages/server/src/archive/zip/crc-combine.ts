/** The CRC-32 polynomial, bits reflected: the highest bit is the coefficient of x^0. */
const polynomial = 0xedb88320
const one = 0x80000000

function multiply(left: number, right: number): number {
  let product = 0
  let factor = right
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if (left & bit) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1
  }
  return product >>> 0
}

/** x^(2^n) modulo the polynomial, for every n that a count of bits can need. */
const squares: readonly number[] = Array.from({ length: 64 }).reduce<number[]>((powers) => {
  const last = powers.at(-1)
  return [...powers, last === undefined ? one >>> 1 : multiply(last, last)]
}, [])

/** The CRC-32 of two pieces of data one after the other, from the CRC of each and the length of the second in bytes. */
export function combineCrc(first: number, second: number, secondLength: number): number {
  let shift = one
  for (let bits = secondLength * 8, n = 0; bits > 0; bits = Math.floor(bits / 2), n++) {
    if (bits % 2 === 1) shift = multiply(squares[n] ?? 0, shift)
  }
  return (multiply(shift, first) ^ second) >>> 0
}
