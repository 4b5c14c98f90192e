import { randomBytes } from 'node:crypto'
import type { Settings } from '../settings.ts'
import { type SecretKey, secretKey } from '../state/secret-key.ts'

/**
 * The key that seals where a listing goes on, for callers who may not see all of it. It is that of stored secrets, so that
 * all workers know it; a server without a data folder has one until it ends. Read on first use.
 */
export function createCursorKey({ dataDirectory }: Pick<Settings, 'dataDirectory'>): () => SecretKey {
  let key: SecretKey | undefined
  return () => {
    const text = process.env['FILEGATE_SECRET_KEY']
    key ??=
      dataDirectory === undefined
        ? secretKey('', text || randomBytes(32).toString('hex'))
        : secretKey(dataDirectory, text)
    return key
  }
}
