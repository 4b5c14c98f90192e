import { StorageError } from '@filegate/core'
import { checksumAlgorithms } from './upload-checksum.ts'

/** The protocol: https://tus.io/protocols/resumable-upload, version 1.0. */
export const tusVersion = '1.0.0'

const extensions = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'expiration',
  'checksum',
  'termination',
  'concatenation',
] as const

/** What the server can do, for OPTIONS. */
export function tusAbilities(most: number | undefined): Record<string, string> {
  return {
    'tus-version': tusVersion,
    'tus-extension': extensions.join(','),
    'tus-checksum-algorithm': checksumAlgorithms.join(','),
    ...(most !== undefined && { 'tus-max-size': String(most) }),
  }
}

/** The only media type of a body that is taken. */
export const tusType = 'application/offset+octet-stream'

/** @throws StorageError `InvalidArgument` for what is no number of bytes */
export function byteCount(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new StorageError('InvalidArgument', `The header ${name} takes a number of bytes, not ${JSON.stringify(text)}.`)
}
