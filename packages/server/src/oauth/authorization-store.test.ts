import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { openState, type StateDatabase } from '../state/database.ts'
import { secretKey } from '../state/secret-key.ts'
import { authorizationLasts, createAuthorizationStore } from './authorization-store.ts'

const authorization = {
  backend: 'bnd_1',
  verifier: 'marker-verifier',
  redirectUri: 'https://files.example/callback',
  browser: 'digest',
  user: null,
  clientId: 'app',
  tokenUrl: 'https://vendor.example/token',
  issuer: null,
}

await describeDatabases('users on their way to a vendor', ({ name, makeUrl }) => {
  let folder: string
  let database: StateDatabase
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'filegate-authorizations-'))
    database = await openState({ dataDirectory: folder, databaseUrl: await makeUrl() })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await database.destroy()
    rmSync(folder, { recursive: true })
  })
  const storeOf = (key = 'a passphrase that is long') => createAuthorizationStore(database, secretKey(folder, key))

  it('come back once, to whatever process, and only with the state that they were given', async () => {
    await storeOf().put('marker-state', authorization)
    expect(await storeOf().take('another')).toBeUndefined()
    const both = await Promise.all([storeOf().take('marker-state'), storeOf().take('marker-state')])
    expect(both.filter((found) => found !== undefined)).toEqual([authorization])
    expect(await storeOf().take('marker-state')).toBeUndefined()
  })

  it('come back in time or not at all, and leave nothing', async () => {
    const now = Date.now()
    vi.useFakeTimers({ now, toFake: ['Date'] })
    await storeOf().put('late', authorization)
    await storeOf().put('never', authorization)
    vi.setSystemTime(now + authorizationLasts + 1)
    expect(await storeOf().take('late')).toBeUndefined()
    await storeOf().put('next', authorization)
    expect(await database.selectFrom('backend_authorization').select('backend').execute()).toHaveLength(1)
  })

  it('are a bounded number for each backend, those who began last', async () => {
    const now = Date.now()
    vi.useFakeTimers({ now, toFake: ['Date'] })
    await storeOf().put('elsewhere', { ...authorization, backend: 'bnd_2' })
    for (let place = 0; place < 50; place++) {
      vi.setSystemTime(now + place)
      await storeOf().put(`state-${place}`, authorization)
    }
    expect(await database.selectFrom('backend_authorization').select('backend').execute()).toHaveLength(21)
    expect(await storeOf().take('state-0')).toBeUndefined()
    expect(await storeOf().take('state-49')).toEqual(authorization)
    expect(await storeOf().take('elsewhere')).toMatchObject({ backend: 'bnd_2' })
    await storeOf().forget('bnd_1')
    expect(await storeOf().take('state-48')).toBeUndefined()
  })

  it('are not kept out by those from before a clock was set back', async () => {
    const now = Date.now()
    vi.useFakeTimers({ now: now + 86_400_000, toFake: ['Date'] })
    for (let place = 0; place < 20; place++) await storeOf().put(`before-${place}`, authorization)
    vi.setSystemTime(now)
    await storeOf().put('after', authorization)
    expect(await storeOf().take('after')).toEqual(authorization)
    expect(await storeOf().take('before-0')).toBeUndefined()
  })

  it('are of no use without the key, or in the place of another', async () => {
    await storeOf().put('one', authorization)
    await storeOf().put('two', { ...authorization, backend: 'bnd_2' })
    await expect(storeOf('another passphrase, long').take('one')).rejects.toThrow('another key')
    const [row] = await database.selectFrom('backend_authorization').selectAll().execute()
    const { id, ...rest } = row ?? { id: '', backend: '', sealed: '', expires_at: 0 }
    await database.deleteFrom('backend_authorization').execute()
    await database
      .insertInto('backend_authorization')
      .values({ ...rest, id: id.replace(/./, (first) => (first === '0' ? '1' : '0')) })
      .execute()
    expect(await storeOf().take('two')).toBeUndefined()
  })

  it.runIf(name === 'SQLite')('stand in no file as they are', async () => {
    await storeOf().put('marker-state', authorization)
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'))
    expect(files.join()).toContain('bnd_1')
    expect(files.join()).not.toContain('marker')
  })
})
