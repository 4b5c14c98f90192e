import { crc32 } from 'node:zlib'
import { bounds, broken, encrypted, tooLarge } from '../archive.ts'
import type { ArchiveBytes } from '../archive-bytes.ts'

const size = 32
/** Property and coder identifiers of 7zFormat.txt: a header that is packed itself, and AES-256 with SHA-256. */
const packedHeader = 0x17
const aes = Buffer.from([0x06, 0xf1, 0x07, 0x01])

/**
 * Looks at the fixed header in front and at the one that it points to. That one says in the clear whether the names are
 * encrypted; 7-Zip would try an empty password and then not always notice that it was wrong.
 */
export async function checkStartHeader(file: ArchiveBytes): Promise<void> {
  if (file.size < size) throw broken('it ends within its first header')
  const start = Buffer.from(await file.read(0, size))
  if (crc32(start.subarray(12, size)) !== start.readUInt32LE(8)) throw broken('its first header makes no sense')
  const at = size + Number(start.readBigUInt64LE(12))
  const length = Number(start.readBigUInt64LE(20))
  if (at + length > file.size) throw broken('its directory, which stands at the end, is missing')
  if (length > bounds.directory) throw tooLarge('its directory takes more than 64 MiB')
  const header = Buffer.from(await file.read(at, at + Math.min(length, 4096)))
  if (header[0] === packedHeader && header.includes(aes)) throw encrypted('The directory of the archive')
}
