import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createJournalStore, type JournalStore } from './journal-store.ts'
import { openJournalTables } from './journal-tables.ts'
import type { Observation } from './observation.ts'

let directory: string
let store: JournalStore
let transactions: ReturnType<typeof vi.fn>
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'filegate-journal-store-'))
  const tables = await openJournalTables({ directory })
  transactions = vi.spyOn(tables.database, 'transaction')
  store = createJournalStore(tables, () => undefined)
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

const attributes = { mode: 0o644, uid: 0, gid: 0 }
const made = (name: string): Observation => ({
  path: parsePath(name),
  at: 0,
  found: { kind: 'file', size: 1, modified: 1, inode: `1:${name}`, etag: `"${name}"`, hash: null, ...attributes },
})

describe('changes that come at about the same time', () => {
  it('share a transaction, as those that are about to come are waited for', async () => {
    const gate = Promise.withResolvers<void>()
    const last = store.entering(async () => {
      await gate.promise
      await store.enter([made('last')])
    })
    const first = store.entering(() => store.enter([made('first')]))
    const second = store.entering(() => store.enter([made('second')]))
    gate.resolve()
    await Promise.all([first, second, last])
    expect(transactions).toHaveBeenCalledTimes(1)
    const rows = await store.reading.selectFrom('journal_entry').select(['id', 'path']).orderBy('id').execute()
    expect(rows.map(({ path }) => path)).toEqual(['first', 'second', 'last'])
  })

  it('do not wait for one that takes long', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = store.entering(() => gate.promise)
    await store.entering(() => store.enter([made('quick')]))
    expect(transactions).toHaveBeenCalledTimes(1)
    gate.resolve()
    await slow
  })

  it('are all entered when they are more than a transaction takes', async () => {
    const gate = Promise.withResolvers<void>()
    const names = Array.from({ length: 250 }, (_, number) => `file ${number}`)
    const entered = names.map((name) =>
      store.entering(async () => {
        await gate.promise
        await store.enter([made(name)])
      }),
    )
    gate.resolve()
    await Promise.all(entered)
    expect(transactions).toHaveBeenCalledTimes(3)
    const rows = await store.reading.selectFrom('journal_entry').select('path').orderBy('id').execute()
    expect(rows.map(({ path }) => path)).toEqual(names)
  })

  it('stand there before the store is closed', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = store.entering(() => gate.promise)
    const entered = store.entering(() => store.enter([made('last')]))
    const closed = store.close()
    await entered
    gate.resolve()
    await Promise.all([slow, closed])
    store = createJournalStore(await openJournalTables({ directory }), () => undefined)
    const rows = await store.reading.selectFrom('journal_entry').select('path').execute()
    expect(rows).toEqual([{ path: 'last' }])
  })

  it('stand there before the store is closed, also when they are more than a transaction takes', async () => {
    const gate = Promise.withResolvers<void>()
    const entered = Array.from({ length: 350 }, (_, number) =>
      store.entering(async () => {
        await gate.promise
        await store.enter([made(`file ${number}`)])
      }),
    )
    gate.resolve()
    // They wait now, and nobody has begun to enter them.
    await Promise.resolve()
    await Promise.all([store.close(), ...entered])
    store = createJournalStore(await openJournalTables({ directory }), () => undefined)
    expect(await store.reading.selectFrom('journal_entry').select('path').execute()).toHaveLength(350)
  })

  it('are of any number, each written once', async () => {
    const names = Array.from({ length: 250 }, (_, number) => `file ${number}`)
    await store.enter(names.map(made))
    const rows = await store.reading.selectFrom('journal_entry').select(['id', 'path', 'seq']).orderBy('id').execute()
    expect(rows).toEqual(names.map((path, number) => ({ id: number + 1, path, seq: 1 })))
    const places = await store.reading.selectFrom('journal_place').select(['path', 'etag']).execute()
    expect(new Set(places.map(({ etag }) => etag)).size).toBe(250)
  })
})
