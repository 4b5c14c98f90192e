import { type ChildProcess, spawn } from 'node:child_process'
import { abortedBy, joinPath, parsePath, StorageError, type StoragePath } from '@filegate/core'
import { nameFromBytes } from '@filegate/driver-local'
import { createOutcomeBuilder, type GrepOutcome } from './grep-outcome.ts'
import type { GrepRequest } from './grep-request.ts'
import { refusePattern } from './refuse-pattern.ts'
import { ripgrepArguments } from './ripgrep-arguments.ts'
import { readRipgrepOutput } from './ripgrep-output.ts'
import { withRulesFile } from './rules-file.ts'

export interface RipgrepSearch {
  readonly program: string
  /** The directory to search: its path in the storage, and on disk. */
  readonly path: StoragePath
  readonly directory: string
  /** Rules of the directories above it, in the form of a `.gitignore` of the directory itself. */
  readonly inheritedRules: string
  readonly request: GrepRequest
  readonly signal: AbortSignal
}

/** Enough of what ripgrep says about a pattern; it says nothing else. */
const mostComplaint = 2000

/** Searches a directory of the local disk. When the signal aborts, or there is enough, the process is killed. */
export function searchWithRipgrep(search: RipgrepSearch): Promise<GrepOutcome> {
  return withRulesFile(search.inheritedRules, (rulesFile) => run(search, rulesFile))
}

async function run(search: RipgrepSearch, rulesFile: string | undefined): Promise<GrepOutcome> {
  const { program, directory, request, signal } = search
  if (signal.aborted) throw abortedBy(signal)
  const child = spawn(program, ripgrepArguments(request, rulesFile), {
    cwd: directory,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const ended = exitOf(child)
  // That it could not be started is met where it is awaited, further down.
  ended.catch(() => {})
  const kill = (): void => void child.kill('SIGKILL')
  const outcome = createOutcomeBuilder(request)
  const expire = setTimeout(() => {
    outcome.cut()
    kill()
  }, request.timeout)
  signal.addEventListener('abort', kill, { once: true })
  try {
    const complaint = collectComplaint(child)
    const searched = await readOutput(child, search, outcome)
    kill()
    const code = await ended
    if (signal.aborted) throw abortedBy(signal)
    // 2 is also what ripgrep ends with when some file could not be read; only a complaint tells of a refused pattern.
    if (code === 2 && searched === undefined && complaint() !== '') refuseComplaint(complaint())
    if (searched === undefined) outcome.cut()
    return outcome.build(searched ?? 0)
  } finally {
    clearTimeout(expire)
    signal.removeEventListener('abort', kill)
    kill()
    await ended.catch(() => {})
  }
}

/** Resolves once the process is gone and its pipes are closed. */
function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', (cause) =>
      reject(new StorageError('Unavailable', 'The search could not be started.', { cause })),
    )
  })
}

/** How many files were searched, when it came to its end. */
async function readOutput(
  child: ChildProcess,
  { path, request }: RipgrepSearch,
  outcome: ReturnType<typeof createOutcomeBuilder>,
): Promise<number | undefined> {
  const output = readRipgrepOutput(request, (printed, matches) =>
    outcome.add(`/${storagePath(path, printed)}`, matches),
  )
  for await (const chunk of child.stdout ?? []) {
    if (!output.push(chunk)) break
  }
  return output.finish()
}

/** ripgrep prints `./` and the bytes of the path below the searched directory. */
function storagePath(directory: StoragePath, printed: Buffer): StoragePath {
  const below = parsePath(nameFromBytes(printed.subarray(2)))
  return directory === '' ? below : below.split('/').reduce(joinPath, directory)
}

function collectComplaint(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < mostComplaint) text += chunk
  })
  return () => text
}

/** What we accept and ripgrep does not are patterns that become too large in its automaton. */
function refuseComplaint(complaint: string): never {
  const [, reason] = /^(?:rg: )?(?:regex parse error:[\s\S]*?error: )?([^\n]+)/.exec(complaint) ?? []
  return refusePattern(reason?.replace(/\.$/, '') ?? 'it is refused by the search engine')
}
