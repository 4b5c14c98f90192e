import { parsePath, root, StorageError, type StoragePath } from '@filegate/core'
import { checkSameOrigin } from '../http/same-origin.ts'
import { momentIn } from '../http/moment.ts'
import { Query } from '../http/query.ts'
import { searchOfTarget } from '../http/read-request.ts'
import { entryJson, isOperation, type JournalOperation, operations } from '../journal/entry.ts'
import type { Journal } from '../journal/journal.ts'
import { refusal } from '../access/restricted.ts'
import { type Administration, json } from './administration.ts'

/** `GET /api/v1/journal`: what happened, the oldest first. A page may be short or empty while there is more: others' files are
 * left out, and what a filter looks for is looked for in so many entries at a time. */
export async function listJournal(request: Administration): Promise<Response> {
  const { scope, reply, incoming } = request
  const { queries } = journalOf(request)
  const query = new Query(searchOfTarget(incoming.target))
  const limit = query.integer('limit', { default: 100, min: 1, max: 1000 })
  const afterId = query.integer('after_id', { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const since = momentIn(query, 'since')
  const path = parsePath(query.text('path') ?? '')
  if (scope.level(path) === 'none') throw refusal(scope, path)
  const page = await queries.entries({ path, ops: opsOf(query), since, afterId, limit })
  const shows = (path: StoragePath): boolean => ['read', 'write'].includes(scope.level(path))
  const readable = page.entries.filter((entry) => shows(entry.path))
  const kept = await queries.kept(readable.flatMap(({ before, after }) => [before, after]))
  return json(reply, 200, {
    entries: readable.map((entry) => entryJson(entry, { kept, shows })),
    count: readable.length,
    has_more: page.next !== undefined,
    next_after_id: page.next ?? null,
  })
}

/** `GET /api/v1/journal/stats`. Figures over everything are for whoever may read everything. */
export async function journalStats(request: Administration): Promise<Response> {
  const journal = journalOf(request)
  checkWhole(request)
  return json(request.reply, 200, await journal.stats())
}

/** `POST /api/v1/journal/flush`: answers once all that has happened on disk is in the journal. */
export async function flushJournal(request: Administration): Promise<Response> {
  const journal = journalOf(request)
  checkWhole(request)
  checkSameOrigin(request.incoming)
  await journal.flush()
  return json(request.reply, journal.isHealthy ? 200 : 503, { flushed: journal.isHealthy })
}

function journalOf({ journal }: Administration): Journal {
  if (journal) return journal
  throw new StorageError('NotFound', 'There is no journal; the server must be started with --allow-journal.')
}

function checkWhole({ scope }: Administration): void {
  const level = scope.lowest(root)
  if (level !== 'read' && level !== 'write') throw refusal(scope, root)
}

function opsOf(query: Query): readonly JournalOperation[] | undefined {
  const names = query
    .text('op')
    ?.split(',')
    .map((name) => name.trim())
  return names?.map((name) => {
    if (isOperation(name)) return name
    const list = operations.join(', ')
    throw new StorageError('InvalidArgument', `Parameter 'op' takes some of ${list}, not ${JSON.stringify(name)}.`)
  })
}
