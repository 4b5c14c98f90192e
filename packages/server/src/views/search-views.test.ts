import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { defaultSettings, type RunningServer, type Settings, startServer } from '../index.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-search-')))
const served = join(base, 'served')
const servers: RunningServer[] = []

async function serve(changes: Partial<Settings> = {}): Promise<string> {
  const settings = defaultSettings(served, join(base, 'data'))
  const allow = { ...settings.allow, grep: true, search: true }
  const server = await startServer({ ...settings, allow, listen: [{ host: '127.0.0.1', port: 0 }], ...changes })
  servers.push(server)
  return new URL(server.addresses[0] ?? '').origin
}

let origin = ''
beforeAll(async () => {
  mkdirSync(join(served, 'docs/src'), { recursive: true })
  writeFileSync(
    join(served, 'docs/src/utils.ts'),
    '// utility module\nlet x; export function greet(name) {\nfunction foo() {\n',
  )
  writeFileSync(join(served, 'docs/src/index.ts'), 'const one = 1\n')
  utimesSync(join(served, 'docs/src/index.ts'), 1_716_400_000, 1_716_400_000.7)
  utimesSync(join(served, 'docs/src/utils.ts'), 1_716_350_000, 1_716_350_000)
  writeFileSync(join(served, 'secret.key'), 'export function')
  for (let folder = 0; folder < 20; folder++) {
    mkdirSync(join(served, `many/${folder}`), { recursive: true })
    for (let file = 0; file < 100; file++)
      writeFileSync(join(served, `many/${folder}/${file}.txt`), `line ${file}\n`.repeat(50))
  }
  origin = await serve()
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close(0)))
  rmSync(base, { recursive: true, force: true })
})

interface Answer {
  readonly matches: readonly { readonly path: string }[]
  readonly total_matches: number
  readonly truncated: boolean
  readonly code?: string
  readonly error?: string
}

/** Milliseconds of the processor that this thread takes at most before it looks after others. The client counts into it. */
function longestTurn() {
  let before = process.threadCpuUsage()
  let longest = 0
  function measure(): void {
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, (user + system) / 1000)
    before = process.threadCpuUsage()
  }
  const timer = setInterval(measure, 2)
  return {
    end(): number {
      clearInterval(timer)
      measure()
      return longest
    },
  }
}

const answerOf = async (path: string, host = origin) => {
  const response = await fetch(host + path)
  const body: Answer = JSON.parse(await response.text())
  return { status: response.status, body }
}

describe('?grep', () => {
  it('answers with the documented members', async () => {
    const { status, body } = await answerOf('/api/v1/files/docs?grep=export+function&ignore_case=true&context=1')
    expect(status).toBe(200)
    expect(body).toEqual({
      duration_ms: expect.any(Number),
      matches: [
        {
          column_byte: 7,
          context_after: ['function foo() {'],
          context_before: ['// utility module'],
          line: 'let x; export function greet(name) {',
          line_number: 2,
          path: '/docs/src/utils.ts',
        },
      ],
      path: '/docs',
      pattern: 'export function',
      total_files_matched: 1,
      total_files_searched: 2,
      total_matches: 1,
      truncated: false,
    })
  })

  it.each([
    ['grep=', 'needs a pattern'],
    ['grep=(', 'has no )'],
    ['grep=a&context=11', "'context' takes a whole number from 0 to 10"],
    ['grep=a&max_count=0', "'max_count' takes a whole number from 1 to 1000"],
    ['grep=a&max_matches=10001', "'max_matches' takes a whole number from 1 to 10000"],
    ['grep=a&max_depth=101', "'max_depth' takes a whole number from 1 to 100"],
    ['grep=a&max_filesize=x', "'max_filesize' takes a whole number from 1 to 104857600"],
    ['grep=a&timeout=121', "'timeout' takes a whole number from 1 to 120"],
    ['grep=a&ignore_case=maybe', "'ignore_case' takes true or false"],
    ['grep=a&glob=*', 'Only one of the parameters'],
  ])('refuses %s', async (query, reason) => {
    const { status, body } = await answerOf(`/docs?${query}`)
    expect([status, body.code]).toEqual([400, 'INVALID_PARAMETER'])
    expect(body.error).toContain(reason)
  })

  it('answers HEAD without searching', async () => {
    const response = await fetch(`${origin}/docs?grep=a`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  })

  it('is forbidden unless it is allowed', async () => {
    const closed = await serve({ allow: defaultSettings(served, base).allow })
    expect((await fetch(`${closed}/docs?grep=a`)).status).toBe(403)
    expect((await fetch(`${closed}/docs?glob=*`)).status).toBe(403)
  })

  it('sends a large answer in pieces that make one JSON text', async () => {
    const { body } = await answerOf('/many?grep=line&max_matches=10000&max_count=1000&context=3')
    expect([body.matches.length, body.total_matches, body.truncated]).toEqual([10_000, 10_000, true])
  })

  it('lets others be served while it searches many files', async () => {
    const restricted = await serve({ hidden: ['*.key'] })
    // Linear, but in each place there are hundreds of attempts to follow: about a second of work for who searches.
    const slow = join(served, 'slow.txt')
    let text = ''
    for (let number = 1; text.length < 50_000; number = (number * 48_271) % 0x7fffffff) text += number % 2 ? 'a' : 'b'
    writeFileSync(slow, text)
    onTestFinished(() => rmSync(slow))
    // Whatever is loaded for the first time is not meant.
    for (const host of [origin, restricted]) await answerOf('/docs?grep=x', host)
    const longest = longestTurn()
    for (const host of [origin, restricted]) {
      const response = await fetch(`${host}/?grep=${encodeURIComponent('[a-z]+ \\d{3}|a[ab]{600}c')}`)
      expect(await response.json()).toMatchObject({ matches: [], truncated: false })
    }
    const time = longest.end()
    expect(time).toBeLessThan(100)
  })

  it('does not show what --hidden leaves out', async () => {
    const restricted = await serve({ hidden: ['*.key'] })
    const { body } = await answerOf('/?grep=export', restricted)
    expect(body.matches.map(({ path }) => path)).toEqual(['/docs/src/utils.ts'])
  })

  it('gives a client that asks for too much at once 429 and a time to come back', async () => {
    const asked = Array.from({ length: 40 }, () => fetch(`${origin}/many?grep=nothing`))
    const answers = await Promise.all(asked)
    const refused = answers.filter(({ status }) => status === 429)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10)
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    await Promise.all(answers.map((answer) => answer.text()))
  })
})

describe('?glob', () => {
  it('answers with the documented members, what was changed last first', async () => {
    const { status, body } = await answerOf('/api/v1/files/docs?glob=src/**/*.ts')
    expect(status).toBe(200)
    expect(body).toEqual({
      count: 2,
      duration_ms: expect.any(Number),
      entries: [
        { is_dir: false, modified: 1_716_400_000, name: '/docs/src/index.ts', size: 14 },
        { is_dir: false, modified: 1_716_350_000, name: '/docs/src/utils.ts', size: 72 },
      ],
      path: '/docs',
      pattern: 'src/**/*.ts',
      total_scanned: 2,
      truncated: false,
    })
  })

  it.each([
    ['glob=', 'it is empty'],
    ['glob=../*', "'..'"],
    ['glob=*&sort=age', "'sort' takes one of mtime, name, size"],
    ['glob=*&order=up', "'order' takes one of asc, desc"],
    ['glob=*&max_results=10001', "'max_results' takes a whole number from 1 to 10000"],
    ['glob=*&max_files_scanned=500001', "'max_files_scanned' takes a whole number from 1 to 500000"],
  ])('refuses %s', async (query, reason) => {
    const { status, body } = await answerOf(`/docs?${query}`)
    expect([status, body.code]).toEqual([400, 'INVALID_PARAMETER'])
    expect(body.error).toContain(reason)
  })

  it('works on directories only', async () => {
    expect(await answerOf('/docs/src/index.ts?glob=*')).toMatchObject({ status: 400 })
  })
})
