import { StorageError, type StoragePath } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import type { Scope } from '../access/scope.ts'
import { pastSource } from '../sources/past.ts'
import type { Source } from '../sources/source.ts'
import type { Past } from '../views/past-view.ts'
import { entryJson } from './entry.ts'
import type { Revision } from './find-revision.ts'
import type { Journal } from './journal.ts'

/** What a file of the served folder was. It may have been elsewhere then, where the caller may not read. */
export function journalPast({ queries, content }: Journal, path: StoragePath, scope: Scope): Past {
  const shows = (place: StoragePath): boolean => ['read', 'write'].includes(scope.level(place))
  const sourceOf = (revision: Revision): Source => {
    if (!shows(revision.entry.path)) throw refusal(scope, path)
    return pastSource(content, path, revision)
  }
  return {
    async history({ afterId, limit }) {
      const found = await queries.history(path, { afterId, limit: limit + 1 })
      if (found.length === 0 && afterId === 0) {
        throw new StorageError('NotFound', `The journal knows nothing of /${path}.`, { path })
      }
      const page = found.slice(0, limit)
      const readable = page.filter((entry) => shows(entry.path))
      const kept = await queries.kept(readable.flatMap(({ before, after }) => [before, after]))
      const hasMore = found.length > limit
      const revisions = readable.map((entry) => entryJson(entry, { kept, shows }))
      return { revisions, hasMore, nextAfterId: hasMore ? (page.at(-1)?.id ?? null) : null }
    },
    revision: async (number) => sourceOf(await queries.revision(path, number)),
    at: async (time) => sourceOf(await queries.at(path, time)),
  }
}
