import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A key of 256 bits, with a name that tells it from others without telling what it is. */
export interface SecretKey {
  readonly id: string
  readonly bytes: Buffer
}

const fileName = 'secret.key'
const keyLength = 32

function named(bytes: Buffer): SecretKey {
  return { bytes, id: createHash('sha256').update('filegate key id').update(bytes).digest('base64url').slice(0, 8) }
}

/**
 * The key that seals stored secrets: made from the text of FILEGATE_SECRET_KEY, or read from a file in the data folder that
 * only its owner can read. The file is made on first use.
 */
export function secretKey(dataDirectory: string, text: string | undefined): SecretKey {
  if (text !== undefined && text !== '') return named(keyFromText(text))
  const path = join(dataDirectory, fileName)
  return named(readKeyFile(path) ?? makeKeyFile(dataDirectory, path))
}

/** 32 bytes in hexadecimal or base64 are the key itself; any other text is hashed into one. */
function keyFromText(text: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  const decoded = Buffer.from(text, 'base64')
  if (decoded.length === keyLength && decoded.toString('base64') === text) return decoded
  if (text.length < 16) throw new Error('FILEGATE_SECRET_KEY is too short; give it at least 16 characters.')
  return createHash('sha256').update(text).digest()
}

function readKeyFile(path: string): Buffer | undefined {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const bytes = Buffer.from(content.trim(), 'base64')
  if (bytes.length !== keyLength) throw new Error(`The key file ${path} is damaged: it must hold 32 bytes in base64.`)
  return bytes
}

/** Written aside and linked into place, so that of several servers starting at once all end up with the same key. */
function makeKeyFile(folder: string, path: string): Buffer {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(aside, `${randomBytes(keyLength).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(aside, 0o600)
  try {
    linkSync(aside, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
  const bytes = readKeyFile(path)
  if (!bytes) throw new Error(`The key file ${path} could not be made.`)
  return bytes
}
