/** The least code point that needs a lead byte of this length; a longer spelling of a smaller one is no UTF-8. */
const least = [0, 0, 0x80, 0x800, 0x10000]

/**
 * The character beyond ASCII at `position`: its code point times 8 plus its length in bytes, in one number because this
 * runs for every such character of a search. 1 stands for a byte that is no UTF-8.
 */
export function wideCharacter(bytes: Uint8Array, position: number, end: number): number {
  const lead = bytes[position] ?? 0
  const length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1
  if (length === 1 || position + length > end) return 1
  let point = lead & (0x7f >> length)
  for (let offset = 1; offset < length; offset++) {
    const byte = bytes[position + offset] ?? 0
    if ((byte & 0xc0) !== 0x80) return 1
    point = (point << 6) | (byte & 0x3f)
  }
  if (point < (least[length] ?? 0) || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return 1
  return (point << 3) | length
}
