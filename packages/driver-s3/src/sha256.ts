import type { Checksum, SourceData } from '@smithy/types'
import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto'

const keys = new WeakMap<Uint8Array, KeyObject>()

/** A key in the form that need not be looked at anew each time, which takes longer than the digest of a request. */
function keyOf(bytes: Uint8Array): KeyObject {
  const known = keys.get(bytes)
  if (known) return known
  const key = createSecretKey(bytes)
  keys.set(bytes, key)
  return key
}

/** SHA-256 and, with a secret, HMAC-SHA-256 as the library takes them. The bytes of a secret must not change. */
export class Sha256 implements Checksum {
  readonly #secret: string | KeyObject | undefined
  #digest: Hash | Hmac

  constructor(secret?: SourceData) {
    this.#secret = secret === undefined || typeof secret === 'string' ? secret : keyOf(bytesOf(secret))
    this.#digest = this.#begin()
  }

  update(data: Uint8Array): void {
    this.#digest.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.#digest.digest()
  }

  reset(): void {
    this.#digest = this.#begin()
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(data: Exclude<SourceData, string>): Uint8Array {
  if (data instanceof Uint8Array) return data
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
