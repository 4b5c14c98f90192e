import { StorageError } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import { momentIn } from '../http/moment.ts'
import { journalPast } from '../journal/journal-past.ts'
import type { Source } from '../sources/source.ts'
import { checkTakes, chooseView } from '../views/choose.ts'
import { history } from '../views/history.ts'
import type { Past, PastContext } from '../views/past-view.ts'
import { raw } from '../views/raw.ts'
import { checkFeature, type Reading } from './read.ts'

/** Questions about the past that are answered at the same time; whoever comes then is asked to come again. */
const mostAtOnce = 32

let running = 0

/** Answers `history`, `at`, `revision` and `diff` of the served folder, from the journal. The file itself may be gone. */
export async function readPast(reading: Reading): Promise<Response> {
  const { parts, scope, request } = reading
  const { journal } = parts
  return answerPast(reading, () => {
    if (journal) return journalPast(journal, request.path, scope)
    const message = 'The journal is switched off; the server must be started with --allow-journal.'
    throw new StorageError('AccessDenied', message)
  })
}

/** @param open what remembers the file; asked when the caller may read there */
export async function answerPast(reading: Reading, open: () => Past): Promise<Response> {
  const { parts, scope, request } = reading
  const view = chooseView(request.query)
  const level = scope.level(request.path)
  if (level !== 'read' && level !== 'write') throw refusal(scope, request.path)
  const past = open()
  if (running >= mostAtOnce) return parts.reply(429, { 'retry-after': '1', 'cache-control': 'no-store' }, null)
  running += 1
  try {
    const context: PastContext = { ...reading, ...parts, storage: reading.storage, past, request, scope }
    if (request.query.flag('history')) return await alone(view, 'history', () => history(context))
    if (request.query.flag('diff')) {
      const { diff } = await import('../views/diff.ts')
      return await alone(view, 'diff', () => diff(context))
    }
    return await asItWas(reading, past)
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
async function asItWas(reading: Reading, past: Past): Promise<Response> {
  const { parts, request, scope, storage, handOff } = reading
  const { settings, services, reply } = parts
  const view = await chooseView(request.query)?.load()
  if (view) checkFeature(settings, request.path, view)
  const source = await sourceAsked(reading, past)
  const context = { request, source, storage, local: undefined, scope, settings, services, reply, handOff }
  if (!view) return raw(context)
  checkTakes(view, source.entry)
  return view.respond(context)
}

function sourceAsked({ request: { query } }: Reading, past: Past): Promise<Source> {
  const time = momentIn(query, 'at')
  if (time !== undefined) return past.at(time)
  return past.revision(query.integer('revision', { default: 0, min: 1, max: Number.MAX_SAFE_INTEGER }))
}
