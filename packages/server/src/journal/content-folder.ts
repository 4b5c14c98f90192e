import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type StoragePath, streamBytes } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import type { ContentDriver } from './content-store.ts'

/** Up to this size a file is written at once on the calling thread, which takes less than a trip to another one. */
const inlineSize = 256 * 1024

/**
 * A folder of ours for contents. Nobody else writes to it, and what a loss of power damages in it is found at the next start by the
 * digests: so a small content is written in four calls, without the guards that a folder of other people needs.
 */
export function openContentFolder(directory: string, notes: string): ContentDriver {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const driver = openLocalDriver({ root: directory, followsSymlinks: false, changes: { notes, durable: false } })
  const folders = new Set<string>()
  let temporary = 0

  function writeInline(path: StoragePath, bytes: Uint8Array): void {
    const target = join(directory, path)
    const folder = dirname(target)
    if (!folders.has(folder)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      folders.add(folder)
    }
    if (statSync(target, { throwIfNoEntry: false })?.size === bytes.length) {
      // Whoever clears up in another process sees that it is needed again.
      const now = Date.now() / 1000
      return utimesSync(target, now, now)
    }
    const part = `${target}.${process.pid}-${temporary++}.part`
    try {
      const descriptor = openSync(part, 'w', 0o600)
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
      } finally {
        closeSync(descriptor)
      }
      renameSync(part, target)
    } catch (error) {
      // A part of it would take the last room there is.
      rmSync(part, { force: true })
      throw error
    }
  }

  return {
    ...driver,
    async writeBytes(path, bytes) {
      if (bytes.length <= inlineSize) return writeInline(path, bytes)
      await driver.write(path, { body: streamBytes(bytes), size: bytes.length })
    },
  }
}
