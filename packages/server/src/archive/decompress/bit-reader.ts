const early = 'it ends before its bzip2 data does'

/** Bits from bytes, the highest first. Reading past the end gives zeros until `check`, which then throws. */
export class BitReader {
  #bytes = new Uint8Array(0)
  #at = 0
  #bits = 0
  #count = 0

  /** Whole bytes that were not touched yet. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  append(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.left + chunk.length)
    joined.set(this.#bytes.subarray(this.#at))
    joined.set(chunk, this.left)
    this.#bytes = joined
    this.#at = 0
  }

  /** The next bits without taking them; at most 24. */
  peek(count: number): number {
    while (this.#count <= 24) {
      this.#bits = (this.#bits << 8) | (this.#bytes[this.#at++] ?? 0)
      this.#count += 8
    }
    return (this.#bits >>> (this.#count - count)) & ((1 << count) - 1)
  }

  skip(count: number): void {
    this.#count -= count
  }

  take(count: number): number {
    const bits = this.peek(count)
    this.#count -= count
    return bits
  }

  take32(): number {
    const high = this.take(16)
    return ((high << 16) | this.take(16)) >>> 0
  }

  /** Drops the rest of a byte, and gives back the bytes that were only looked at. */
  align(): void {
    this.#count -= this.#count & 7
    this.#at -= this.#count >> 3
    this.#count = 0
    this.#bits = 0
  }

  get ended(): boolean {
    return this.#at - (this.#count >> 3) >= this.#bytes.length
  }

  check(): void {
    if (this.#at - (this.#count >> 3) > this.#bytes.length) throw new Error(early)
  }
}
