import { broken } from '../archive.ts'

/** Layout of POSIX.1-2017, pax, "ustar Interchange Format", with the extensions of GNU tar. */
export const blockSize = 512

export interface TarHeader {
  readonly name: string
  readonly mode: number | null
  readonly size: number
  readonly modified: number | null
  readonly flag: string
  readonly linkName: string
  /** Of the old sparse format: the size of the file with its holes, and whether more of the map follows. */
  readonly sparse?: { readonly realSize: number; readonly continued: boolean } | undefined
}

/** Whether a block is a header: its checksum is right. */
export function isHeader(block: Uint8Array): boolean {
  const stated = octal(block.subarray(148, 156))
  if (stated === undefined) return false
  let unsigned = 0
  let signed = 0
  for (let at = 0; at < blockSize; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0)
    unsigned += byte
    signed += (byte << 24) >> 24
  }
  return stated === unsigned || stated === signed
}

export const isZero = (block: Uint8Array): boolean => block.every((byte) => byte === 0)

export function parseHeader(block: Uint8Array): TarHeader {
  const magic = text(block.subarray(257, 263))
  const flag = String.fromCharCode(block[156] || 0x30)
  const prefix = magic === 'ustar' ? text(block.subarray(345, 500)) : ''
  const name = text(block.subarray(0, 100))
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(block.subarray(100, 108)) ?? null,
    size: sizeOf(block.subarray(124, 136)),
    modified: number(block.subarray(136, 148)) ?? null,
    flag,
    linkName: text(block.subarray(157, 257)),
    sparse: flag === 'S' ? { realSize: sizeOf(block.subarray(483, 495)), continued: block[482] === 1 } : undefined,
  }
}

export function text(field: Uint8Array): string {
  const end = field.indexOf(0)
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString('utf8')
}

function octal(field: Uint8Array): number | undefined {
  const digits = Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

/** Octal digits, or, with the highest bit set, a big-endian number in two's complement (GNU). */
function number(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0
  if ((first & 0x80) === 0) return octal(field)
  let value = BigInt.asIntN(7, BigInt(first & 0x7f))
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte)
  return Number.isSafeInteger(Number(value)) ? Number(value) : undefined
}

function sizeOf(field: Uint8Array): number {
  const size = number(field)
  if (size === undefined || size < 0) throw broken('an entry has no valid size')
  return size
}
