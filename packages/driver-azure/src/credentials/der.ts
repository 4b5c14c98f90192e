import { StorageError } from '@filegate/core'

/** One value of BER or DER (X.690). */
export interface Asn1 {
  readonly tag: number
  /** Without tag and length; of a constructed value, all that is in it. */
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

const broken = (): StorageError => new StorageError('InvalidArgument', 'The certificate file is damaged.')

/** The values in a piece of BER, one behind the other. */
export function readValues(bytes: Buffer): readonly Asn1[] {
  const values: Asn1[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The values in a constructed one. */
export const inside = ({ content }: Asn1): readonly Asn1[] => readValues(content)

/** The one value with these tags on the way down: `at(root, 0, 1)` is the second of the first. */
export function at(value: Asn1, ...places: readonly number[]): Asn1 {
  return places.reduce((found, place) => {
    const next = inside(found)[place]
    if (!next) throw broken()
    return next
  }, value)
}

/** The bytes of an OCTET STRING, also of one that came in pieces. */
export function octets(value: Asn1): Buffer {
  const isConstructed = (value.tag & 0x20) !== 0
  return isConstructed ? Buffer.concat(inside(value).map(octets)) : value.content
}

/** Dotted text of an OBJECT IDENTIFIER. */
export function objectId({ content }: Asn1): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}

/** A small INTEGER. */
export const integerOf = ({ content }: Asn1): number =>
  content.length > 6 ? Number.NaN : content.readUIntBE(0, content.length || 1)

function readValue(bytes: Buffer, start: number): Asn1 {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw broken()
  if (first === 0x80) return openEnded(bytes, start, tag)
  const more = first > 0x80 ? first & 0x7f : 0
  const from = start + 2 + more
  if (more > 4 || from > bytes.length) throw broken()
  const length = more === 0 ? first : bytes.readUIntBE(start + 2, more)
  if (from + length > bytes.length) throw broken()
  return { tag, content: bytes.subarray(from, from + length), whole: bytes.subarray(start, from + length) }
}

/** A value whose end is marked instead of counted, as older programs write them. */
function openEnded(bytes: Buffer, start: number, tag: number): Asn1 {
  let end = start + 2
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += readValue(bytes, end).whole.length
  return { tag, content: bytes.subarray(start + 2, end), whole: bytes.subarray(start, end + 2) }
}
