import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import ftp from '@filegate/driver-ftp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { proftpdPrograms, type RunningFtp, startProftpd } from './ftp-servers.ts'
import { missingPrograms, run } from './programs.ts'

const notRoot = process.getuid?.() === 0 ? undefined : 'only root can start proftpd'
const reason = missingPrograms({ ...proftpdPrograms, rclone: 'rclone' }) ?? notRoot
if (reason) console.log(`Skipped: FTP beside rclone, ${reason}`)

/** Of the classes that the encoding of FTP names, and some that servers trip over. */
const names: readonly string[] = [
  'plain.txt',
  'two words',
  'line\nfeed',
  'carriage\rreturn',
  'del\x7fete',
  'con\x01tr\x1fol',
  'tab\tstop',
  'right space ',
  'right dot.',
  '[brackets]*?',
  'per%cent',
  'quote"s',
  'café 漢字 😀',
]
const second = 1_600_000_000

describe.skipIf(reason !== undefined)('FTP on proftpd, shared with rclone', () => {
  let server: RunningFtp
  let folder: string

  async function connected() {
    const { port, user, password: pass } = server
    const driver = await openDriver(ftp, { host: '127.0.0.1', port, user, pass })
    return requireMethods(driver, 'write')
  }
  const rclone = async (...args: readonly string[]): Promise<string> => {
    const pass = (await run('rclone', ['obscure', server.password])).trim()
    const settings = { type: 'ftp', host: '127.0.0.1', port: String(server.port), user: server.user, pass }
    const variables = Object.entries(settings).map(([name, value]) => [
      `RCLONE_CONFIG_PRO_${name.toUpperCase()}`,
      value,
    ])
    return run(
      'rclone',
      ['--config', join(folder, 'none.conf'), '--retries', '1', ...args],
      Object.fromEntries(variables),
    )
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-rclone-'))
    server = await startProftpd('plain')
  })
  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true })
  })

  it('names, bytes and times that rclone wrote are read here', async () => {
    const source = join(folder, 'written-by-rclone')
    await mkdir(source)
    for (const [place, name] of names.entries()) {
      await writeFile(join(source, name), `content of ${name}`)
      await utimes(join(source, name), second + place, second + place)
    }
    await rclone('copy', source, 'pro:some folder')
    const driver = await connected()
    const { items } = await driver.list(parsePath('some folder'))
    const shown = items.map(({ name }) => name)
    const seen: unknown = JSON.parse(await rclone('lsjson', 'pro:some folder'))
    const rcloneNames = Array.isArray(seen) ? seen.map((one: { readonly Name: string }) => one.Name) : []
    expect(shown.sort()).toEqual(rcloneNames.sort())
    expect(shown).toHaveLength(names.length)
    for (const name of ['plain.txt', 'two words', '[brackets]*?', 'café 漢字 😀']) {
      const { entry, body } = await driver.read(parsePath(`some folder/${name}`))
      expect(await new Response(body).text()).toBe(await readFile(join(source, name), 'utf8'))
      expect(entry.modified).toBe((await stat(join(source, name))).mtimeMs)
    }
    await driver.close?.()
  })

  it('names, bytes and times that were written here are read by rclone', async () => {
    const driver = await connected()
    const { items } = await driver.list(parsePath('some folder'))
    for (const [place, { name }] of items.entries()) {
      const body = streamBytes(new TextEncoder().encode(`by filegate: ${name}`))
      await driver.write(parsePath(`a+b c/${name}`), { body, modified: (second + place) * 1000 })
    }
    const target = join(folder, 'read-by-rclone')
    await rclone('copy', 'pro:a+b c', target)
    expect((await readdir(target)).sort()).toEqual([...names].sort())
    const place = items.findIndex(({ name }) => name === 'two words')
    expect(await readFile(join(target, 'two words'), 'utf8')).toBe('by filegate: two words')
    expect((await stat(join(target, 'two words'))).mtimeMs).toBe((second + place) * 1000)
    await rclone('check', target, 'pro:a+b c')
    await driver.close?.()
  })
})
