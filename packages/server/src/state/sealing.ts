import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SecretKey } from './secret-key.ts'

const version = 'v1'
const algorithm = 'aes-256-gcm'

/** Says that a sealed text cannot be opened, and what to do about it. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/**
 * Encrypts and authenticates a text. `place` is where it will be kept (a table and a row, say); a sealed text that was moved
 * to another place does not open. The result holds the name of the key, so that a wrong key is told from damage.
 */
export function seal(key: SecretKey, place: string, text: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv(algorithm, key.bytes, nonce).setAAD(Buffer.from(place))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return [version, key.id, nonce.toString('base64url'), sealed.toString('base64url')].join('.')
}

/** @throws SealError */
export function unseal(key: SecretKey, place: string, sealed: string): string {
  const [format, keyId, nonce, content] = sealed.split('.')
  if (format !== version || !keyId || !nonce || !content) throw new SealError('A stored secret is damaged.')
  if (keyId !== key.id) {
    throw new SealError(
      'The stored secrets were sealed with another key. Start with the FILEGATE_SECRET_KEY, or the secret.key file, that they were stored with.',
    )
  }
  const bytes = Buffer.from(content, 'base64url')
  const decipher = createDecipheriv(algorithm, key.bytes, Buffer.from(nonce, 'base64url'))
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-16))
  try {
    return decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    throw new SealError('A stored secret is damaged, or was moved from another place.', { cause })
  }
}
