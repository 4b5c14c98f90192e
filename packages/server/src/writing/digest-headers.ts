import { StorageError } from '@filegate/core'

/** A digest that the client announced of what it sends. */
export interface AnnouncedDigest {
  /** As `node:crypto` calls it. */
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'
  /** Lower-case hexadecimal. */
  readonly hex: string
}

/** Names of RFC 9530 and, for `sha`, of RFC 3230; with the number of bytes. Whoever reads may ignore others. */
const algorithms: Readonly<Record<string, readonly [AnnouncedDigest['algorithm'], number]>> = {
  md5: ['md5', 16],
  sha: ['sha1', 20],
  'sha-256': ['sha256', 32],
  'sha-512': ['sha512', 64],
}

/** `sha-256=:...:` as a dictionary of structured fields, `sha-256=...` as RFC 3230 has it. */
const member = /^([a-z0-9-]+)=(:?)([a-z0-9+/]*={0,2})\2(?:;.*)?$/i

const fields = ['repr-digest', 'content-digest', 'digest'] as const

/**
 * What the headers `Content-MD5` (RFC 1864), `Digest` (RFC 3230), `Content-Digest` and `Repr-Digest` (RFC 9530) say. A body that
 * is stored as it came is the whole representation, so all four mean the same bytes.
 * @throws StorageError `InvalidArgument` that names the header
 */
export function announcedDigests(header: (name: string) => string | undefined): readonly AnnouncedDigest[] {
  const md5 = header('content-md5')
  if (md5 === undefined && fields.every((field) => header(field) === undefined)) return []
  const first = md5 === undefined ? [] : [`md5=${md5.trim()}`].map((text) => digestOf('content-md5', text))
  const others = fields.flatMap((field) =>
    (header(field) ?? '')
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text) => digestOf(field, text)),
  )
  return [...first, ...others].filter((digest) => digest !== undefined)
}

function digestOf(field: string, text: string): AnnouncedDigest | undefined {
  const [, name = '', , base64 = ''] = member.exec(text) ?? []
  if (name === '') throw malformed(field)
  const known = Object.hasOwn(algorithms, name.toLowerCase()) ? algorithms[name.toLowerCase()] : undefined
  if (!known) return undefined
  const [algorithm, length] = known
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== length) throw malformed(field)
  return { algorithm, hex: bytes.toString('hex') }
}

function malformed(field: string): StorageError {
  const shown = field.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()).replace('Md5', 'MD5')
  return new StorageError('InvalidArgument', `The header ${shown} is malformed: it must hold digests in base64.`)
}
