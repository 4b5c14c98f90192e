import { StorageError, type StoragePath } from '@filegate/core'
import type { Session } from './session.ts'

/**
 * A path as an argument of a command. It is absolute, so that no name is taken for an option, and whatever folder the
 * connection stands in.
 * @throws StorageError `InvalidPath` where the name would end the command and begin another one
 */
export function serverPath({ home, settings }: Session, path: StoragePath): string {
  if (/[\r\n\0]/.test(path)) throw invalid(path, 'FTP has no way to name files with line breaks')
  // oxlint-disable-next-line no-control-regex
  if (settings.charset === 'latin1' && /[^\0-\xff]/.test(path)) {
    throw invalid(path, 'with disable_utf8, names can have characters of Latin-1 only')
  }
  return path === '' ? home || '/' : `${home}/${path}`
}

const invalid = (path: StoragePath, why: string): StorageError =>
  new StorageError('InvalidPath', `The path ${JSON.stringify(path)} cannot be used: ${why}.`, { path })

/** Unfinished uploads stand beside their destination under such names, and are shown to nobody. */
export const uploadName = (): string => `.filegate-${crypto.randomUUID()}.part`

export const isUploadName = (name: string): boolean => /^\.filegate-[0-9a-f-]{36}\.part$/.test(name)
