import { type Archive, checkReadable, noSuchEntry } from '../archive.ts'
import type { ArchiveBytes } from '../archive-bytes.ts'
import type { Turns } from '../turns.ts'
import { verified } from '../unzip/verified.ts'
import { type SevenZipEntry, sevenZipEntries } from './technical-listing.ts'
import { checkStartHeader } from './start-header.ts'
import { runSevenZip } from './seven-zip-thread.ts'

/** No progress, no questions, an empty password, everything in UTF-8, names taken literally, nothing but the 7z format. */
const switches = ['-bd', '-y', '-p', '-sccUTF-8', '-spd', '-t7z'] as const

/** A 7z archive, read by 7-Zip itself in a thread. */
export function openSevenZip(file: ArchiveBytes, turns: Turns): Archive {
  const entries = () =>
    sevenZipEntries(runSevenZip(file, ['l', '-slt', '-ba', ...switches, '--', '/archive'], turns, false))
  return {
    format: '7z',
    packedSize: file.size,
    async list(found) {
      await checkStartHeader(file)
      for await (const entry of entries()) found(entry)
    },
    async open(path) {
      await checkStartHeader(file)
      let found: SevenZipEntry | undefined
      for await (const entry of entries()) {
        if (entry.path !== path) continue
        found = entry
        break
      }
      if (!found) throw noSuchEntry(path)
      checkReadable(found)
      if (found.size === 0) return { entry: found, chunks: verified(nothing(), { size: 0, crc: 0 }) }
      const command = ['x', '-so', ...switches, '--', '/archive', path]
      return { entry: found, chunks: verified(runSevenZip(file, command, turns, true), found) }
    },
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}
