import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from './api-error.ts'
import { oneHeader } from './exchange.ts'
import type { StoredObject } from './state.ts'

const refuse = (reason: string, message: string): ApiError =>
  new ApiError(400, reason, message, { domain: 'global', locationType: 'header' })

/**
 * The key that the customer sends along (cloud.google.com/storage/docs/encryption/customer-supplied-keys). Nothing is
 * encrypted here; what is kept is the key's digest, so that only who knows the key reads the object.
 */
export function readKey(headers: IncomingHttpHeaders, source: '' | 'copy-source-' = ''): string | undefined {
  const start = `x-goog-${source}encryption-`
  const algorithm = oneHeader(headers, `${start}algorithm`)
  const key = oneHeader(headers, `${start}key`)
  const digest = oneHeader(headers, `${start}key-sha256`)
  if (algorithm === undefined && key === undefined && digest === undefined) return undefined
  if (algorithm !== 'AES256') {
    throw refuse(
      'customerEncryptionAlgorithmIsInvalid',
      'Missing an encryption algorithm, or the provided algorithm is not "AES256."',
    )
  }
  const bytes = Buffer.from(key ?? '', 'base64')
  if (bytes.length !== 32 || bytes.toString('base64') !== key) {
    throw refuse(
      'customerEncryptionKeyFormatIsInvalid',
      'Missing an encryption key, or it is not Base64 encoded, or it does not meet the required length of the encryption algorithm.',
    )
  }
  if (createHash('sha256').update(bytes).digest('base64') !== digest) {
    throw refuse(
      'customerEncryptionKeySha256IsInvalid',
      'Missing a SHA256 hash of the encryption key, or it is not Base64 encoded, or it does not match the encryption key.',
    )
  }
  return digest
}

/** Refuses to read an object without its key. */
export function checkKey(object: StoredObject, digest: string | undefined): void {
  if (object.keySha256 === digest) return
  if (object.keySha256 === undefined) {
    throw refuse(
      'resourceNotEncryptedWithCustomerEncryptionKey',
      'The target object is not encrypted by a customer-supplied encryption key.',
    )
  }
  if (digest === undefined) {
    throw refuse(
      'resourceIsEncryptedWithCustomerEncryptionKey',
      'The target object is encrypted by a customer-supplied encryption key.',
    )
  }
  throw refuse('customerEncryptionKeyIsIncorrect', 'The provided encryption key is incorrect.')
}
