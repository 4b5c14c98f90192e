import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { killStarted, start } from './command-line.ts'

/** The server is killed and started again so many times; the changes are spread over its lives. */
const lives = 8
const changesInAll = 200
const paths = ['a.txt', 'b.txt', 'deep/c.txt', 'deep/er/d.txt', 'large.bin', 'deep/f.txt']
/** Contents are kept up to 2 MiB; one of these paths gets more than that. */
const largeSize = 3 * 1024 * 1024

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'filegate-crash-'))
  mkdirSync(join(base, 'served'))
})
afterEach(async () => {
  await killStarted()
  rmSync(base, { recursive: true, force: true })
})

/** What may stand at a path: one content for sure, or, where a change was under way, the old or the new one. */
type Expected = Map<string, readonly (string | undefined)[]>

interface Change {
  readonly path: string
  readonly method: 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: string
}

function changeNumber(number: number): Change {
  const path = paths[Math.floor(Math.random() * paths.length)] ?? ''
  const dice = Math.random()
  if (dice < 0.15) return { path, method: 'DELETE' }
  if (dice < 0.3) return { path, method: 'PATCH', body: `+${number}` }
  const body = `content ${number} `
  return { path, method: 'PUT', body: path === 'large.bin' ? body.repeat(largeSize / body.length) : body.repeat(20) }
}

const after = ({ method, body = '' }: Change, before: string | undefined): string | undefined =>
  method === 'DELETE' ? undefined : method === 'PATCH' ? (before === undefined ? undefined : before + body) : body

function request(origin: string, { path, method, body }: Change): Promise<Response> {
  const headers: Record<string, string> = method === 'PATCH' ? { 'x-update-range': 'append' } : {}
  return fetch(`${origin}/${path}`, { method, headers, body: body ?? null })
}

/** Sends changes until the server is killed under them. */
async function liveOnce(origin: string, kill: () => void, expected: Expected, first: number): Promise<number> {
  const count = changesInAll / lives
  const last = first + Math.floor(count * (0.5 + Math.random() * 0.5))
  for (let number = first; ; number++) {
    const change = changeNumber(number)
    const olds = expected.get(change.path) ?? [undefined]
    const answer = request(origin, change)
    if (number >= last) {
      await sleep(Math.random() * 12)
      kill()
    }
    try {
      const { status } = await answer
      if (status !== 404 && status >= 300) throw new Error(`${change.method} was answered with ${status}`)
      expected.set(change.path, [status === 404 ? undefined : after(change, olds[0])])
    } catch (error) {
      if (number < last) throw error
      // It was under way: the old content stands there, or the new one.
      expected.set(change.path, [...olds, ...olds.map((old) => after(change, old))])
    }
    if (number >= last) return number + 1
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

interface Revision {
  readonly seq: number
  readonly op: string
  readonly blob: string | null
  readonly after: string | null
}

/** Holds the disk, what was acknowledged and the journal against each other. */
async function checkAll(origin: string, expected: Expected): Promise<void> {
  const flushed = await fetch(`${origin}/api/v1/journal/flush`, { method: 'POST' })
  expect(flushed.status).toBe(200)
  const served = join(base, 'served')
  expect(filesIn(served).filter((name) => !paths.includes(name))).toEqual([])
  const needed = new Set<string>()
  for (const path of paths) {
    const response = await fetch(`${origin}/${path}`)
    const content = response.status === 404 ? undefined : await response.text()
    const allowed = expected.get(path) ?? [undefined]
    expect([path, allowed.includes(content)]).toEqual([path, true])
    expected.set(path, [content])
    const past = await fetch(`${origin}/${path}?history&limit=1000`)
    const { revisions = [] } = (await past.json()) as { revisions?: Revision[] }
    expect([path, revisions.at(-1)?.after ?? undefined]).toEqual([
      path,
      content === undefined ? undefined : sha256(content),
    ])
    for (const { seq, blob } of revisions) {
      if (blob === null) continue
      needed.add(blob)
      const then = await fetch(`${origin}/${path}?revision=${seq}`)
      expect([path, seq, then.status, sha256(await then.text())]).toEqual([path, seq, 200, blob])
    }
  }
  const data = join(base, 'data')
  const kept = filesIn(data).flatMap((name) => /\/([0-9a-f]{64})$/.exec(name)?.[1] ?? [])
  expect(new Set(kept)).toEqual(needed)
  for (const name of filesIn(data)) {
    const digest = /\/([0-9a-f]{64})$/.exec(name)?.[1]
    const found = createHash('sha256')
      .update(readFileSync(join(data, name)))
      .digest('hex')
    expect([name, digest ?? found]).toEqual([name, found])
  }
}

it('what was answered is there, whole, and in the journal, however often the server is killed', {
  timeout: 300_000,
}, async () => {
  const expected: Expected = new Map()
  let number = 0
  for (let life = 0; life <= lives; life++) {
    const args = ['served', '-A', '--allow-journal', '--data-dir', 'data', '--port', '0', '--log-format', '']
    const server = await start(args, { folder: base })
    const [origin = ''] = server.addresses
    await checkAll(origin, expected)
    expect(expected.size).toBeGreaterThanOrEqual(life > 0 ? paths.length : 0)
    const kill = (): void => void server.process.kill('SIGKILL')
    if (life < lives) number = await liveOnce(origin, kill, expected, number)
    else kill()
    await server.ended
  }
})
