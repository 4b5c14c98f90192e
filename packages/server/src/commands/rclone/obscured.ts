import { createDecipheriv } from 'node:crypto'

/**
 * The key that rclone hides passwords with in its configuration. It is the same everywhere and public: it keeps a password from
 * being read over somebody's shoulder, and nothing more.
 */
const key = Buffer.from('9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638', 'hex')

const nonceLength = 16

/** The password behind an obscured one; undefined for what cannot be one. */
export function reveal(obscured: string): string | undefined {
  if (!/^[\w-]*$/.test(obscured)) return undefined
  const bytes = Buffer.from(obscured, 'base64url')
  if (bytes.length < nonceLength) return undefined
  const decipher = createDecipheriv('aes-256-ctr', key, bytes.subarray(0, nonceLength))
  const password = Buffer.concat([decipher.update(bytes.subarray(nonceLength)), decipher.final()])
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(password)
  } catch {
    // A password in clear text where an obscured one belongs comes out as noise.
    return undefined
  }
}
