import type { FileEntry, HashAlgorithm } from '@filegate/core'
import type { DriveItem } from './drive-item.ts'
import type { OneDriveOptions } from './options.ts'

type Told = NonNullable<NonNullable<DriveItem['file']>['hashes']>

const hexOfBase64 = (text: string): string => Buffer.from(text, 'base64').toString('hex')

interface Kind {
  readonly algorithm: HashAlgorithm
  /** In lower-case hexadecimal. */
  readonly of: (told: Told) => string | undefined
}

const quickxor: Kind = {
  algorithm: 'quickxor',
  of: ({ quickXorHash }) => (quickXorHash ? hexOfBase64(quickXorHash) : undefined),
}

const kinds: Readonly<Record<OneDriveOptions['hash_type'], Kind | undefined>> = {
  auto: quickxor,
  quickxor,
  sha1: { algorithm: 'sha1', of: ({ sha1Hash }) => sha1Hash?.toLowerCase() },
  sha256: { algorithm: 'sha256', of: ({ sha256Hash }) => sha256Hash?.toLowerCase() },
  crc32: { algorithm: 'crc32', of: ({ crc32Hash }) => crc32Hash?.toLowerCase() },
  none: undefined,
}

/** What is told of files. */
export function algorithmsOf({ hash_type }: Pick<OneDriveOptions, 'hash_type'>): readonly HashAlgorithm[] {
  const kind = kinds[hash_type]
  return kind ? [kind.algorithm] : []
}

export function hashesIn(
  file: DriveItem['file'],
  { hash_type }: Pick<OneDriveOptions, 'hash_type'>,
): FileEntry['hashes'] {
  const kind = kinds[hash_type]
  const digest = kind && file?.hashes ? kind.of(file.hashes) : undefined
  return kind && digest ? { [kind.algorithm]: digest } : undefined
}
