import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { openState } from './database.ts'
import { seal, unseal } from './sealing.ts'
import { secretKey } from './secret-key.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-state-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the secret key', () => {
  it('is made once, in a file that only its owner can read', () => {
    const first = secretKey(folder, undefined)
    expect(secretKey(folder, undefined)).toEqual(first)
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
  })

  it('comes from the environment in hexadecimal, base64 or as a long text', () => {
    const hex = 'ab'.repeat(32)
    expect(secretKey(folder, hex).bytes.toString('hex')).toBe(hex)
    const base64 = Buffer.from(hex, 'hex').toString('base64')
    expect(secretKey(folder, base64)).toEqual(secretKey(folder, hex))
    expect(secretKey(folder, 'a passphrase that is long').bytes).toHaveLength(32)
    expect(() => secretKey(folder, 'short')).toThrow('at least 16 characters')
  })

  it('is refused when its file is damaged, rather than replaced', () => {
    writeFileSync(join(folder, 'secret.key'), 'oops')
    expect(() => secretKey(folder, undefined)).toThrow('is damaged')
    expect(readFileSync(join(folder, 'secret.key'), 'utf8')).toBe('oops')
  })
})

describe('a sealed text', () => {
  it('opens with its key at its place, and is different each time', () => {
    const key = secretKey(folder, undefined)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, place) => {
        const sealed = seal(key, place, text.toWellFormed())
        expect(unseal(key, place, sealed)).toBe(text.toWellFormed())
        expect(seal(key, place, text)).not.toBe(sealed)
      }),
    )
  })

  it('does not open with another key, at another place, or changed in any character', () => {
    const key = secretKey(folder, 'a passphrase that is long')
    const sealed = seal(key, 'backend/1', 'the secret')
    expect(() => unseal(secretKey(folder, 'another passphrase, long'), 'backend/1', sealed)).toThrow(
      'sealed with another key',
    )
    expect(() => unseal(key, 'backend/2', sealed)).toThrow('moved from another place')
    for (let index = 0; index < sealed.length; index++) {
      const changed = sealed.slice(0, index) + (sealed[index] === 'A' ? 'B' : 'A') + sealed.slice(index + 1)
      let opened: string | undefined
      try {
        opened = unseal(key, 'backend/1', changed)
      } catch {
        opened = undefined
      }
      // The last character of base64 may carry bits that mean nothing.
      expect([undefined, 'the secret']).toContain(opened)
    }
  })
})

await describeDatabases('the state', ({ name, makeUrl }) => {
  it('keeps what was written, and can be opened twice at once', async () => {
    const place = { dataDirectory: folder, databaseUrl: await makeUrl() }
    const [one, other] = await Promise.all([openState(place), openState(place)])
    const row = {
      id: 'bck_1',
      provider: 's3',
      owner: null,
      status: 'connected',
      sealed_options: 'x',
      last_used: null,
      revision: 1,
    } as const
    // Beyond 32 bits.
    const created_at = 1_700_000_000_000
    await one
      .insertInto('backend')
      .values({ ...row, created_at })
      .execute()
    expect(await other.selectFrom('backend').selectAll().execute()).toEqual([
      { ...row, created_at, changes: 0, renewals: 0, renewing: null },
    ])
    await Promise.all([one.destroy(), other.destroy()])
  })

  it('is made once by several processes that start together', async () => {
    const program = `
      const { openState } = await import(${JSON.stringify(new URL('./database.ts', import.meta.url).href)})
      const [dataDirectory, databaseUrl] = process.argv.slice(1)
      const database = await openState({ dataDirectory, databaseUrl })
      console.log((await database.selectFrom('backend').selectAll().execute()).length)
      await database.destroy()`
    const run = promisify(execFile)
    const url = await makeUrl()
    const places = [folder, ...(url === undefined ? [] : [url])]
    const args = ['--conditions=@filegate/source', '--input-type=module', '-e', program, ...places]
    const outputs = await Promise.all([1, 2, 3].map(() => run(process.execPath, args)))
    expect(outputs.map(({ stdout }) => stdout)).toEqual(['0\n', '0\n', '0\n'])
    expect(existsSync(join(folder, 'state.sqlite'))).toBe(name === 'SQLite')
  })
})

describe('the state in a file', () => {
  it('can be read by its owner only', async () => {
    await (await openState({ dataDirectory: folder })).destroy()
    expect(statSync(join(folder, 'state.sqlite')).mode & 0o777).toBe(0o600)
  })

  it('says which file is damaged', async () => {
    writeFileSync(join(folder, 'state.sqlite'), 'this is no database'.repeat(100))
    await expect(openState({ dataDirectory: folder })).rejects.toThrow(join(folder, 'state.sqlite'))
  })
})
