import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dataFolder } from '../data.ts'
import { hasProgram, interleaved, type Outcome, timed, type Work } from '../measure.ts'
import { words } from '../noise.ts'
import { startFilegate } from '../peers/filegate.ts'
import type { Peer } from '../processes.ts'

const filesInFolder = 1000
const entriesInJournal = 1_000_000
const lineCount = 100_000

/** What asking the journal costs when it is full, and what comparing costs beside diff. */
export const journalWork: Work = {
  name: 'journal',
  async run(rounds) {
    mkdirSync(dataFolder, { recursive: true })
    const base = realpathSync(mkdtempSync(join(dataFolder, 'journal-')))
    try {
      return [...(await askFullJournal(base, rounds)), ...(await compare(base, rounds))]
    } finally {
      rmSync(base, { recursive: true, force: true })
    }
  },
}

async function askFullJournal(base: string, rounds: number): Promise<Outcome[]> {
  const folder = join(base, 'served')
  const data = join(base, 'data')
  mkdirSync(folder)
  for (let file = 0; file < filesInFolder; file++) writeFileSync(join(folder, `file-${file}.txt`), `content ${file}`)
  const flags = ['--allow-journal', '--data-dir', data]
  const first = await startFilegate(folder, { flags })
  await fetch(`${first.origin}/api/v1/journal/flush`, { method: 'POST' })
  await first.stop()
  fill(join(data, 'journal', createHash('sha256').update(folder).digest('hex').slice(0, 16), 'journal.sqlite'))
  const journaled = await startFilegate(folder, { flags })
  const plain = await startFilegate(folder)
  try {
    await fetch(`${journaled.origin}/api/v1/journal/flush`, { method: 'POST' })
    const history = await interleaved(rounds, {
      one: () =>
        each(
          journaled,
          Array.from({ length: 100 }, (_, file) => `/file-${file * 7}.txt?history`),
        ),
    })
    const listing = (peer: Peer) => () =>
      each(
        peer,
        Array.from({ length: 100 }, () => '/?json'),
      )
    const listings = await interleaved(rounds, { ours: listing(journaled), theirs: listing(plain) })
    const common = { unit: 'ms', better: 'lower' } as const
    return [
      {
        work: 'history of a file among 1,000,000 entries',
        peer: 'the bound of 10 ms',
        ours: history.one,
        theirs: 10,
        ...common,
        floor: 1,
        reach: 0.2,
      },
      {
        work: 'listing of 1,000 files with their revisions',
        peer: 'filegate without a journal',
        ...listings,
        ...common,
        floor: 1.5,
        reach: 1.2,
      },
    ]
  } finally {
    await Promise.all([journaled.stop(), plain.stop()])
  }
}

/** Milliseconds for one request. */
async function each({ origin }: Peer, paths: readonly string[]): Promise<number> {
  const all = await timed(async () => {
    for (const path of paths) await (await fetch(origin + path)).arrayBuffer()
  })
  return all / paths.length
}

/** Entries of other files, ten each, as if they had been changed for years. */
function fill(path: string): void {
  const database = new DatabaseSync(path)
  const next = Number(database.prepare("select value from journal_fact where name = 'next_id'").get()?.['value'])
  const insert = database.prepare(
    'insert into journal_entry (id, ts, op, path, seq, line, shift, after, size_after) values (?, ?, ?, ?, ?, ?, 0, ?, 10)',
  )
  database.exec('begin')
  for (let entry = 0; entry < entriesInJournal; entry++) {
    const file = entry % (entriesInJournal / 10)
    const seq = Math.floor(entry / (entriesInJournal / 10)) + 1
    const digest = createHash('sha256').update(String(entry)).digest('hex')
    insert.run(
      next + entry,
      1_600_000_000_000 + entry,
      seq === 1 ? 'create' : 'write',
      `old/${file}`,
      seq,
      next + file,
      digest,
    )
  }
  database.prepare("update journal_fact set value = ? where name = 'next_id'").run(String(next + entriesInJournal))
  database.exec('commit')
  database.close()
}

const patterns: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
  '0.1% changed': (lines) => changed(lines, 1000),
  '5% changed': (lines) => changed(lines, 20),
  '40% changed': (lines) => lines.map((line, number) => (number % 5 < 2 ? `${line} changed` : line)),
  'all different': (lines) => lines.map((line) => `${line} changed`),
  shuffled: (lines) => lines.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
}

const changed = (lines: readonly string[], every: number): string[] =>
  lines.map((line, number) => (number % every === 0 ? `${line} changed` : line))

const keyOf = (line: string): string => createHash('md5').update(line).digest('hex')

async function compare(base: string, rounds: number): Promise<Outcome[]> {
  if (!hasProgram('diff')) return [{ work: 'diff', skipped: 'diff is not installed' }]
  const folder = join(base, 'compared')
  mkdirSync(folder)
  const flags = ['--allow-journal', '--journal-max-size', '16M', '--data-dir', join(base, 'compared-data')]
  const peer = await startFilegate(folder, { flags })
  const lines = Array.from({ length: lineCount }, (_, number) => `${number} ${words(number, 30).replaceAll('\n', ' ')}`)
  try {
    const outcomes: Outcome[] = []
    for (const [name, change] of Object.entries(patterns)) {
      const sides = [lines, change(lines)].map((side) => `${side.join('\n')}\n`)
      const [before = '', after = ''] = ['before', 'after'].map((side) => join(base, side))
      for (const [index, path] of [before, after].entries()) writeFileSync(path, sides[index] ?? '')
      const url = `${peer.origin}/${encodeURIComponent(name)}`
      for (const side of sides) await fetch(url, { method: 'PUT', body: side })
      const medians = await interleaved(rounds, {
        ours: () => timed(async () => (await fetch(`${url}?diff&from_seq=1&to_seq=2`)).arrayBuffer()),
        theirs: () => timed(() => spawnSync('diff', ['-u', before, after], { maxBuffer: 1 << 28 })),
      })
      const common = { unit: 'ms', better: 'lower', floor: 4, reach: 2 } as const
      outcomes.push({ work: `diff of 100,000 lines, ${name}`, peer: 'diff -u', ...medians, ...common })
    }
    return outcomes
  } finally {
    await peer.stop()
  }
}
