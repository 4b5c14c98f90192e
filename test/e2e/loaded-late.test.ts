import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { killStarted, start } from './command-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-late-'))
})
afterEach(async () => {
  await killStarted()
  rmSync(folder, { recursive: true })
})

/** Notes each module of the main thread when it is loaded. */
const noting = (list: string): string => `
  import { appendFileSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  import { isMainThread } from 'node:worker_threads'
  if (isMainThread) registerHooks({
    load(url, context, next) {
      appendFileSync(${JSON.stringify(list)}, url + '\\n')
      return next(url, context)
    },
  })`

it('a server that was asked for nothing has loaded no schema library, no database and no vendor', async () => {
  const [list, hook] = [join(folder, 'loaded.txt'), join(folder, 'hook.mjs')]
  const served = join(folder, 'served')
  mkdirSync(served)
  writeFileSync(hook, noting(list))
  const variables = { NODE_OPTIONS: `--import=${pathToFileURL(hook).href}` }
  const { addresses } = await start([served, '-p', '0', '--data-dir', join(folder, 'data')], { variables })
  expect((await fetch(addresses[0] ?? '')).status).toBe(200)
  const loaded = readFileSync(list, 'utf8').split('\n')
  expect(loaded.some((url) => url.includes('/hono/'))).toBe(true)
  const late =
    /\/(?:zod|kysely|undici|dropbox|@aws-sdk|@azure|@google-cloud|@googleapis|@microsoft|basic-ftp|google-auth-library)\//
  expect(loaded.filter((url) => late.test(url))).toEqual([])
})
