import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localAccessOf, parsePath } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { afterAll, describe, expect, it } from 'vitest'
import { createIdentify } from '../access/identify.ts'
import { createReach } from '../access/reach.ts'
import { parseRules } from '../access/rules.ts'
import { Query } from '../http/query.ts'
import { currentSource } from '../sources/current.ts'
import { grep } from './grep.ts'
import { grepRequest } from './grep-request.ts'
import { createGrepThreads } from './grep-threads.ts'

const home = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-narrowed-')))
const root = join(home, 'served')
for (const folder of ['team/deep', 'private', '../outside']) mkdirSync(join(root, folder), { recursive: true })
for (const file of ['team/a.txt', 'team/deep/b.txt', 'private/c.txt', 'd.txt', '../outside/e.txt']) {
  writeFileSync(join(root, file), `needle in ${file}\n`)
}
const links = { 'to-deep': 'deep', up: '..', 'to-private': '../private', outside: '../../outside' }
for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, 'team', name))
symlinkSync('../served', join(home, 'outside/back'))

const threads = createGrepThreads()
afterAll(async () => {
  await threads.close()
  rmSync(home, { recursive: true, force: true })
})

/** What a search finds for whoever may read /team, and how many threads of our own it took. */
async function search(
  at: string,
  { followsSymlinks = false, hidden = [] }: { followsSymlinks?: boolean; hidden?: string[] } = {},
) {
  const accounts = parseRules(['@/team'])
  const driver = openLocalDriver({ root, followsSymlinks })
  const scope = await createIdentify({ accounts, hidden })(() => undefined)
  const { storage, local } = createReach(driver, localAccessOf(driver), { accounts })(scope)
  const path = parsePath(at)
  const source = currentSource(storage, local, path, await storage.stat(path))
  let taken = 0
  const counting: typeof threads = {
    close: () => threads.close(),
    take() {
      taken++
      return threads.take()
    },
  }
  const request = grepRequest(new Query('grep=needle'))
  const context = { source, storage, local, scope, threads: counting, path }
  const { matches } = await grep(context, request, new AbortController().signal)
  return { paths: matches.map((match) => match.path), taken }
}

describe('a search by somebody who may read one folder', () => {
  it('is done by ripgrep in that folder, and below it', async () => {
    expect(await search('team')).toEqual({ paths: ['/team/a.txt', '/team/deep/b.txt'], taken: 0 })
    expect(await search('team/deep')).toEqual({ paths: ['/team/deep/b.txt'], taken: 0 })
  })

  it('is done by ripgrep from a link that stays in the folder', async () => {
    expect(await search('team/to-deep')).toEqual({ paths: ['/team/to-deep/b.txt'], taken: 0 })
  })

  it('is not done by ripgrep where a link leads to more than the folder', async () => {
    const { paths, taken } = await search('team/up')
    expect(paths).toEqual(['/team/up/team/a.txt', '/team/up/team/deep/b.txt'])
    expect(taken).toBeGreaterThan(0)
  })

  it('is not done by ripgrep outside the served folder, from where links lead back in', async () => {
    const { paths, taken } = await search('team/outside', { followsSymlinks: true })
    expect(paths).toEqual(['/team/outside/e.txt'])
    expect(taken).toBeGreaterThan(0)
  })

  it('is not done by ripgrep on the way to the folder, nor while names are hidden', async () => {
    for (const [path, hidden] of [
      ['', []],
      ['team', ['b.*']],
    ] as const) {
      const { paths, taken } = await search(path, { hidden: [...hidden] })
      expect(paths).toEqual(path === '' ? ['/team/a.txt', '/team/deep/b.txt'] : ['/team/a.txt'])
      expect(taken).toBeGreaterThan(0)
    }
  })

  it('has nothing to search behind a link to where one may not go', async () => {
    await expect(search('team/to-private')).rejects.toMatchObject({ code: 'NotFound' })
  })
})
