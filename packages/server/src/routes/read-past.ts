import { StorageError } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import { momentIn } from '../http/moment.ts'
import type { Journal } from '../journal/journal.ts'
import type { Revision } from '../journal/find-revision.ts'
import { pastSource } from '../sources/past.ts'
import { checkTakes, chooseView } from '../views/choose.ts'
import { history } from '../views/history.ts'
import type { PastContext } from '../views/past-view.ts'
import { raw } from '../views/raw.ts'
import { checkFeature, type Reading } from './read.ts'

/** Questions to the journal that are answered at the same time; whoever comes then is asked to come again. */
const mostAtOnce = 32

let running = 0

/** Answers `history`, `at`, `revision` and `diff`: what a file was. The file itself may be gone. */
export async function readPast(reading: Reading): Promise<Response> {
  const { parts, scope } = reading
  const { request } = reading
  const view = chooseView(request.query)
  if (request.query.has('backend')) {
    throw new StorageError('InvalidArgument', 'The journal is about the served folder; leave out `backend`.')
  }
  const level = scope.level(request.path)
  if (level !== 'read' && level !== 'write') throw refusal(scope, request.path)
  const { journal } = parts
  if (!journal) {
    const message = 'The journal is switched off; the server must be started with --allow-journal.'
    throw new StorageError('AccessDenied', message)
  }
  if (running >= mostAtOnce) return parts.reply(429, { 'retry-after': '1', 'cache-control': 'no-store' }, null)
  running += 1
  try {
    const context: PastContext = { ...reading, ...parts, journal, request, scope }
    if (request.query.flag('history')) return await alone(view, 'history', () => history(context))
    if (request.query.flag('diff')) {
      const { diff } = await import('../views/diff.ts')
      return await alone(view, 'diff', () => diff(context))
    }
    return await asItWas(reading, journal)
  } finally {
    running -= 1
  }
}

/** @throws StorageError `InvalidArgument` when another view is asked for as well */
function alone(view: ReturnType<typeof chooseView>, name: string, answer: () => Promise<Response>): Promise<Response> {
  if (!view) return answer()
  const [other] = view.parameters
  throw new StorageError('InvalidArgument', `Only one of the parameters ${name}, ${other} can be used at a time.`)
}

/** Any view of the bytes that the file held then. */
async function asItWas(reading: Reading, journal: Journal): Promise<Response> {
  const { parts, request, scope, handOff } = reading
  const { settings, services, reply } = parts
  const view = await chooseView(request.query)?.load()
  if (view) checkFeature(settings, request.path, view)
  const revision = await revisionAsked(reading, journal)
  const level = scope.level(revision.entry.path)
  if (level !== 'read' && level !== 'write') throw refusal(scope, request.path)
  const source = pastSource(journal.content, request.path, revision)
  const { storage } = reading
  const context = { request, source, storage, local: undefined, scope, settings, services, reply, handOff }
  if (!view) return raw(context)
  checkTakes(view, source.entry)
  return view.respond(context)
}

function revisionAsked({ request }: Reading, { queries }: Journal): Promise<Revision> {
  const { query, path } = request
  const time = momentIn(query, 'at')
  if (time !== undefined) return queries.at(path, time)
  const number = query.integer('revision', { default: 0, min: 1, max: Number.MAX_SAFE_INTEGER })
  return queries.revision(path, number)
}
