const mebibyte = 1_048_576

/** A megabyte that differs at every place of a file, so that swapped parts show. */
function block(place: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(mebibyte)
  const words = new Uint32Array(bytes.buffer)
  for (let word = 0; word < words.length; word++) words[word] = (word * 2_654_435_761) ^ (place * 40_503)
  return bytes
}

/** So many bytes, a piece at a time. */
export function* largeContent(size: number): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let offset = 0; offset < size; offset += mebibyte) {
    yield block(offset / mebibyte).subarray(0, Math.min(mebibyte, size - offset))
  }
}
