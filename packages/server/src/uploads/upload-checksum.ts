import { createHash, type Hash } from 'node:crypto'
import { StorageError } from '@filegate/core'
import { tusProblem } from './tus-problem.ts'

/** With the number of bytes of each. */
const lengths = { sha1: 20, sha256: 32, md5: 16 } as const
type ChecksumAlgorithm = keyof typeof lengths

export const checksumAlgorithms: readonly string[] = Object.keys(lengths)

/** What a client announced of one body. */
export interface UploadChecksum {
  readonly algorithm: ChecksumAlgorithm
  /** Lower-case hexadecimal. */
  readonly hex: string
}

/**
 * `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`: an algorithm and the digest in base64.
 * @throws StorageError `InvalidArgument`
 */
export function parseChecksum(text: string): UploadChecksum {
  const [, name = '', base64 = ''] = /^([a-z0-9-]+) ([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? []
  if (name === '') {
    throw new StorageError('InvalidArgument', 'The header Upload-Checksum takes an algorithm and a digest in base64.')
  }
  if (!isAlgorithm(name)) {
    const known = checksumAlgorithms.join(', ')
    throw new StorageError('InvalidArgument', `Checksums are verified by ${known}, not by ${JSON.stringify(name)}.`)
  }
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length === lengths[name] && bytes.toString('base64') === base64) {
    return { algorithm: name, hex: bytes.toString('hex') }
  }
  throw new StorageError('InvalidArgument', `The digest in Upload-Checksum is no ${name} in base64.`)
}

const isAlgorithm = (name: string): name is ChecksumAlgorithm => Object.hasOwn(lengths, name)

export const startHash = ({ algorithm }: UploadChecksum): Hash => createHash(algorithm)

/** @throws StorageError with status 460 */
export function checkDigest({ algorithm, hex }: UploadChecksum, hash: Hash): void {
  const found = hash.digest('hex')
  if (found === hex) return
  const message = `The ${algorithm} of the body is ${found}, but ${hex} was announced. Nothing of it was kept.`
  throw tusProblem('CHECKSUM_MISMATCH', message)
}
