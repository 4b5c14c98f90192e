import { type FileEntry, isADirectory, type StorageDriver, StorageError, type StoragePath } from '@filegate/core'
import { problem } from '../http/problem.ts'
import { blank } from '../journal/blank.ts'
import { entryJson, type JournalEntry } from '../journal/entry.ts'
import type { Source } from '../sources/source.ts'
import { versionSource } from '../sources/version.ts'
import { type NumberedVersion, numberedVersions, versionsOf } from '../sources/versions.ts'
import type { HistoryPage, Past } from '../views/past-view.ts'

export interface BackendFile {
  readonly storage: StorageDriver
  readonly backend: string
  readonly path: StoragePath
  readonly signal: AbortSignal
}

/**
 * What a file of a backend was, from the versions that its vendor keeps. Deletions are not among these: between two versions a
 * file counts as there.
 * @throws StorageError `InvalidArgument` where none are kept
 */
export function backendPast(file: BackendFile): Past {
  const { storage, backend, path, signal } = file
  const revisions = storage.revisions?.bind(storage)
  if (!revisions) {
    const message = `A backend of this kind (${storage.provider}) keeps no earlier versions that could be asked for.`
    throw new StorageError('InvalidArgument', message, { path })
  }
  const sourceOf = (found: { readonly version: string; readonly entry: FileEntry }): Source =>
    versionSource(storage, backend, path, found)
  return {
    history: async (page) => historyPage(path, await known(file, numberedVersions(revisions, path, signal)), page),
    async revision(number) {
      const versions = await known(file, numberedVersions(revisions, path, signal))
      const found = versions.find((version) => version.number === number)
      if (found) return sourceOf(found)
      if (number < (versions[0]?.number ?? 0))
        throw gone(`What /${path} held then is older than its backend keeps`, path)
      throw new StorageError('NotFound', `/${path} has no revision ${number}. ?history lists those there are.`, {
        path,
      })
    },
    async at(time) {
      // Of now and later more is known than versions tell: whether the file is there.
      if (time >= Date.now()) await expectThere(file)
      for await (const found of versionsOf(revisions, path, signal)) {
        if ((found.entry.modified ?? 0) <= time) return sourceOf(found)
      }
      throw new StorageError('NotFound', `Nothing is known of /${path} at that time.`, { path })
    },
  }
}

const gone = (message: string, path: StoragePath): StorageError =>
  problem('NotFound', { status: 410, code: 'GONE', bare: true }, message, { path })

async function expectThere({ storage, path, signal }: BackendFile): Promise<void> {
  try {
    await storage.stat(path, { signal })
  } catch (error) {
    if (!StorageError.is(error, 'NotFound')) throw error
    throw gone(`File /${path} was deleted or moved at the requested point in time`, path)
  }
}

/** Drivers may have no versions of what is no file, or not there. */
async function known(
  { storage, path, signal }: BackendFile,
  asking: Promise<readonly NumberedVersion[]>,
): Promise<readonly NumberedVersion[]> {
  const versions = await asking
  if (versions.length > 0) return versions
  const { kind } = await storage.stat(path, { signal })
  if (kind === 'directory') throw isADirectory(path)
  throw new StorageError('NotFound', `The backend keeps no versions of /${path}.`, { path })
}

/** @param versions the oldest first, whose order holds where numbers of the same moment do not grow */
function historyPage(
  path: StoragePath,
  versions: readonly NumberedVersion[],
  { afterId, limit }: { readonly afterId: number; readonly limit: number },
): HistoryPage {
  const last = versions.findIndex(({ number }) => number === afterId)
  const next = last === -1 ? versions.findIndex(({ number }) => number > afterId) : last + 1
  const start = next === -1 ? versions.length : next
  const page = versions.slice(start, start + limit)
  const hasMore = start + limit < versions.length
  const revisions = page.map((version, place) => versionJson(path, version, versions[start + place - 1]))
  return { revisions, hasMore, nextAfterId: hasMore ? (page.at(-1)?.number ?? null) : null }
}

/** In the form of the journal. Beyond that: `version`, as the vendor calls it, and the digests that the vendor tells. */
function versionJson(
  path: StoragePath,
  { number, version, entry }: NumberedVersion,
  previous: NumberedVersion | undefined,
): Readonly<Record<string, unknown>> {
  const [before, after] = [previous?.entry.hashes?.sha256 ?? null, entry.hashes?.sha256 ?? null]
  const change: JournalEntry = {
    ...blank({ path, at: Math.floor(entry.modified ?? 0) }),
    ...({ id: number, seq: number, line: null, shift: 0, op: 'write', before, after } as const),
    size_before: previous?.entry.size ?? null,
    size_after: entry.size ?? null,
  }
  const kept = new Set([before, after].filter((hash) => hash !== null))
  return { ...entryJson(change, { kept, shows: () => true }), version, hashes: entry.hashes ?? {} }
}
