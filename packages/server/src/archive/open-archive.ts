import { StorageError } from '@filegate/core'
import { type Archive, broken } from './archive.ts'
import type { ArchiveBytes } from './archive-bytes.ts'
import { type Decoders, passThrough } from './decompress/decoders.ts'
import { openSevenZip } from './seven-zip/seven-zip-archive.ts'
import { blockSize, isHeader, isZero } from './tar/header.ts'
import { openTar } from './tar/tar-archive.ts'
import type { Turns } from './turns.ts'
import { readTail, tailSize } from './unzip/end-record.ts'
import { openZip } from './unzip/zip-archive.ts'

/** What reading archives needs of the server. */
export interface ArchiveServices {
  readonly decoders: Decoders
  readonly turns: Turns
}

const signatures = {
  zip: [0x50, 0x4b, 0x03, 0x04],
  sevenZip: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c],
} as const

type Compression = 'gzip' | 'bzip2' | 'xz' | 'zstd'
const compressions: readonly (readonly [
  Compression,
  'tar.gz' | 'tar.bz2' | 'tar.xz' | 'tar.zst',
  readonly number[],
])[] = [
  ['gzip', 'tar.gz', [0x1f, 0x8b]],
  ['bzip2', 'tar.bz2', [0x42, 0x5a, 0x68]],
  ['xz', 'tar.xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', 'tar.zst', [0x28, 0xb5, 0x2f, 0xfd]],
]

const startsWith = (head: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((byte, index) => head[index] === byte)
const probablyZip = /\.(zip|jar|war|ear|apk|ipa|epub|docx|xlsx|pptx|odt|ods|odp|whl|nupkg|vsix|xpi)$/i

/**
 * Recognises an archive by its bytes. The name only says where to look first.
 * @throws StorageError `InvalidArgument` when it is none, or damaged.
 */
export async function openArchive(file: ArchiveBytes, services: ArchiveServices): Promise<Archive> {
  if (file.size === 0) throw noArchive(file)
  const zipFirst = probablyZip.test(file.name) || file.size <= tailSize
  const tail = zipFirst ? await readTail(file) : undefined
  const byTail = tail && (await openZip(file, services.decoders, tail))
  if (byTail) return byTail
  const head =
    tail?.start === 0 ? tail.bytes.subarray(0, blockSize) : await file.read(0, Math.min(file.size, blockSize))
  const byHead = openByHead(file, head, services)
  if (byHead) return byHead
  // Some bytes may stand before a zip archive, such as the program that unpacks it.
  const zip = tail ? undefined : await openZip(file, services.decoders)
  if (zip) return zip
  throw startsWith(head, signatures.zip)
    ? broken('its directory, which stands at the end, is missing')
    : noArchive(file)
}

function openByHead(file: ArchiveBytes, head: Uint8Array, { decoders, turns }: ArchiveServices): Archive | undefined {
  if (startsWith(head, signatures.sevenZip)) return openSevenZip(file, turns)
  for (const [name, format, signature] of compressions) {
    if (startsWith(head, signature)) return openTar(file, format, decoders[name])
  }
  const isTar = head.length === blockSize && (isHeader(head) || (isZero(head) && /\.tar$/i.test(file.name)))
  return isTar ? openTar(file, 'tar', passThrough) : undefined
}

const noArchive = (file: ArchiveBytes): StorageError =>
  new StorageError('InvalidArgument', `${file.name} is not an archive of a kind that can be looked into here.`)
