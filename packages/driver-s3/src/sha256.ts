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
  readonly digestLength = 32
  readonly #secret: string | KeyObject | undefined
  #state: Hash | Hmac

  constructor(secret?: SourceData) {
    this.#secret = secret === undefined || typeof secret === 'string' ? secret || undefined : keyOf(bytesOf(secret))
    this.#state = this.#begin()
  }

  update(data: Uint8Array): void {
    this.#state.update(data)
  }

  /** Of what has come until now; without a secret more may follow. */
  async digest(): Promise<Uint8Array> {
    return 'copy' in this.#state ? this.#state.copy().digest() : this.#state.digest()
  }

  reset(): void {
    this.#state = this.#begin()
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(data: Exclude<SourceData, string>): Uint8Array {
  if (data instanceof Uint8Array) return data
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
