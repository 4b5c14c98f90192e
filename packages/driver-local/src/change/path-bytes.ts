import { realpathSync } from 'node:fs'
import type { OpenedDirectory } from '../locator.ts'

/** The real path of a folder for a note: one character for each byte. */
export function bytesOfPath({ realPath, pinnedPath }: Pick<OpenedDirectory, 'realPath' | 'pinnedPath'>): string {
  const bytes = realPath.includes('\uFFFD') ? realpathSync.native(pinnedPath, 'buffer') : Buffer.from(realPath)
  return bytes.toString('latin1')
}

/** What a note says, as a path again. */
export const pathOfBytes = (text: string): Buffer => Buffer.from(text, 'latin1')
