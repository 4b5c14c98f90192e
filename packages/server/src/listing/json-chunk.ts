const encoder = new TextEncoder()

/** Bytes gathered before they are sent: small enough to be made in a moment, large enough to be worth a write. */
const chunkSize = 65_536
/** Bytes that a number takes at most. */
export const longestNumber = 32
/** Bytes that one UTF-16 unit takes at most, as in `\u0001`. */
export const longestUnit = 6

/**
 * JSON that is written as bytes, one by one: that leaves nothing behind to be collected. Whoever writes looks first whether
 * there is `room`.
 */
export class JsonChunk {
  readonly #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(atLeast: number) {
    // Filling it with zeros first would be a tenth of the work.
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(chunkSize, atLeast))
  }

  get room(): number {
    return this.#bytes.length - this.#length
  }

  put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  number(value: number | undefined): void {
    if (value === undefined || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER) || value !== Math.floor(value))
      return this.#anyNumber(value)
    if (value < billion) return this.#digits(value, 1)
    // Times in milliseconds have thirteen digits: more than whole numbers are fast with.
    const upper = Math.floor(value / billion)
    this.#digits(upper, 1)
    this.#digits(value - upper * billion, 9)
  }

  /** A whole number below a billion, with zeros in front where it has fewer digits than `fewest`. */
  #digits(value: number, fewest: number): void {
    let count = 1
    for (let rest = value; rest > 9; rest = (rest / 10) | 0) count++
    let at = this.#length + Math.max(count, fewest)
    const start = this.#length
    this.#length = at
    for (let rest = value | 0; at > start; rest = (rest / 10) | 0) this.#bytes[--at] = zero + (rest % 10)
  }

  #anyNumber(value: number | undefined): void {
    const digits = value === undefined || Number.isNaN(value) ? 'null' : String(value)
    const target = this.#bytes
    const start = this.#length
    for (let at = 0; at < digits.length; at++) target[start + at] = digits.charCodeAt(at)
    this.#length = start + digits.length
  }

  /** A part of a text, without quotes around it. */
  text(block: string, start = 0, end = block.length): void {
    const target = this.#bytes
    let length = this.#length
    for (let at = start; at < end; at++) {
      const unit = block.charCodeAt(at)
      if (unit < space || unit > tilde || unit === quote || unit === backslash) {
        this.#quoted(JSON.stringify(block.slice(start, end)))
        return
      }
      target[length++] = unit
    }
    this.#length = length
  }

  #quoted(text: string): void {
    this.#length += encoder.encodeInto(text.slice(1, -1), this.#bytes.subarray(this.#length)).written
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }
}

const [space, tilde, quote, backslash, zero] = [0x20, 0x7e, 0x22, 0x5c, 0x30] as const
const billion = 1e9
