import { createHash } from 'node:crypto'
import { contentHash } from './content-hash.ts'
import { quickXor } from './quick-xor.ts'

export type DigestName = 'md5' | 'sha1' | 'sha256' | 'quickXor' | 'dropbox'

const nodeDigest =
  (name: string) =>
  (bytes: Uint8Array): Buffer =>
    createHash(name).update(bytes).digest()

const digests: Readonly<Record<DigestName, (bytes: Uint8Array) => Buffer>> = {
  md5: nodeDigest('md5'),
  sha1: nodeDigest('sha1'),
  sha256: nodeDigest('sha256'),
  quickXor,
  dropbox: contentHash,
}

/** Bytes are never changed in place here, so a digest holds as long as the buffer does. */
const known = new WeakMap<Uint8Array, Map<DigestName, Buffer>>()

/** Vendors write it differently: hex (Drive, Dropbox), capital hex or base64 (OneDrive). That is the dialect's. */
export function digestOf(bytes: Uint8Array, name: DigestName): Buffer {
  const made = known.get(bytes) ?? new Map<DigestName, Buffer>()
  known.set(bytes, made)
  const digest = made.get(name) ?? digests[name](bytes)
  made.set(name, digest)
  return digest
}
