import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { restoreFromJournal } from '../trash/from-journal.ts'
import { enterAll } from './enter.ts'
import type { JournalTables } from './journal-tables.ts'
import { openLedger } from './ledger.ts'
import { createMovesElsewhere } from './moves-elsewhere.ts'
import type { Change } from './observation.ts'
import { readRemainders } from './remainder.ts'
import { foundAt } from './snapshot.ts'
import { type JournaledFolder, journaledFolder } from './testing/journaled-folder.ts'
import { localAccessOf } from '@filegate/core'

/** More than one transaction takes. */
const count = 250
const names = Array.from({ length: count }, (_, number) => `file ${String(number).padStart(3, '0')}`)
const page = { afterId: 0, limit: 1000 }

await describeDatabases('a folder with many files', ({ url }) => {
  let place: JournaledFolder
  beforeEach(async () => {
    place = await journaledFolder({ isShared: true, databaseUrl: await url() })
    mkdirSync(at('old/deep'), { recursive: true })
    for (const name of names) writeFileSync(at(`old/deep/${name}`), name)
    await place.journal.flush()
  })
  afterEach(() => place.close())

  const at = (path: string): string => join(place.folder, path)
  const told = async (path: string): Promise<string[]> =>
    (await place.journal.queries.history(parsePath(path), page)).map(({ op, path: there }) => `${op} ${there}`)
  const last = names.at(-1) ?? ''
  const moved = (name: string): string[] => [`create old/deep/${name}`, `moved_to new/deep/${name}`]
  const left = (name: string): string[] => [`create old/deep/${name}`, `moved_from old/deep/${name}`]

  /** The rename, and the first transaction about it, as of a process that dies then. */
  const beginMove = (): Promise<void> =>
    inOtherProcess(async (tables) => {
      renameSync(at('old'), at('new'))
      const local = localAccessOf(place.storage)
      const to = parsePath('new')
      const found = local && foundAt(local, to)
      if (!found) throw new Error('the folder stands at its new place')
      await enterPart(tables, { from: parsePath('old'), to, found, at: Date.now() })
    })

  /** Whoever watches the folders leaves them alone until `work` is done, however long it takes. */
  async function inOtherProcess(work: (tables: JournalTables) => Promise<void>): Promise<void> {
    const tables = await place.openTables()
    const { database, reading } = tables
    const elsewhere = createMovesElsewhere({
      store: { change: (change) => change(database), reading },
      report: (error) => place.problems.push(error),
    })
    const over = await elsewhere.begin([parsePath('old'), parsePath('new')])
    try {
      await work(tables)
    } finally {
      await over()
      await tables.close()
    }
  }

  const enterPart = ({ database }: JournalTables, change: Change): Promise<void> =>
    database.transaction().execute(async (transaction) => {
      const ledger = await openLedger(transaction)
      await enterAll(ledger, [change], () => undefined)
      expect(ledger.remainders).toHaveLength(1)
    })

  async function checkMoved(except: readonly string[] = []): Promise<void> {
    for (const name of names.filter((name) => !except.includes(name))) {
      expect(await told(`new/deep/${name}`)).toEqual(moved(name))
      expect(await told(`old/deep/${name}`)).toEqual(left(name))
    }
  }

  it('is told once when whoever moved it died in the middle', async () => {
    await beginMove()
    place = await place.reopened()
    await checkMoved()
    const tables = await place.openTables()
    expect(await readRemainders(tables.database)).toEqual([])
    await tables.close()
    expect(place.problems).toEqual([])
  })

  it('has the history of each file where that is, while the rest is still to be told', async () => {
    await beginMove()
    const { queries } = place.journal
    expect(await told(`new/deep/${last}`)).toEqual(moved(last))
    expect(await told(`old/deep/${last}`)).toEqual(left(last))
    expect(await place.textAt(`new/deep/${last}`, Date.now())).toBe(last)
    await expect(queries.at(parsePath(`old/deep/${last}`), Date.now())).rejects.toThrow('was deleted or moved')
    expect(await queries.revisionsOf(parsePath(`new/deep/${last}`))).toBe(2)
  })

  it('may be changed at both ends while the rest is still to be told', async () => {
    await beginMove()
    const [changed = '', gone = '', again = ''] = names.slice(200)
    await place.write(`new/deep/${changed}`, 'changed')
    await place.changes.remove(parsePath(`new/deep/${gone}`))
    await place.write(`old/deep/${again}`, 'another one')
    await place.journal.flush()
    await checkMoved([changed, gone, again])
    expect(await told(`new/deep/${changed}`)).toEqual([...moved(changed), `write new/deep/${changed}`])
    expect(await told(`new/deep/${gone}`)).toEqual([...moved(gone), `delete new/deep/${gone}`])
    expect(await told(`new/deep/${again}`)).toEqual(moved(again))
    expect(await told(`old/deep/${again}`)).toEqual([...left(again), `create old/deep/${again}`])
  })

  it('may be moved on, and replaced, while the rest is still to be told', async () => {
    await beginMove()
    await place.write('old/deep/other', 'other')
    await place.changes.move(parsePath('new'), { destination: parsePath('newer') })
    await place.changes.move(parsePath('old'), { destination: parsePath('newer'), overwrite: true })
    await place.journal.flush()
    for (const name of names) {
      const path = `newer/deep/${name}`
      expect(await told(path)).toEqual([...moved(name), `moved_to ${path}`, `delete ${path}`])
    }
    expect(await told('newer/deep/other')).toEqual(['create old/deep/other', 'moved_to newer/deep/other'])
  })

  it('comes back whole when it was deleted, also when the server died while that was told', async () => {
    await inOtherProcess(async (tables) => {
      rmSync(at('old'), { recursive: true })
      await enterPart(tables, { path: parsePath('old'), at: Date.now() })
    })
    place = await place.reopened()
    const { journal, changes } = place
    const { signal } = new AbortController()
    expect(await restoreFromJournal({ journal, changes, signal }, parsePath('old'))).toEqual([])
    for (const name of names) {
      const path = `old/deep/${name}`
      expect(await told(path)).toEqual([`create ${path}`, `delete ${path}`, `create ${path}`])
    }
  })

  it('keeps the histories when another program moves it and a file is made at the new place at once', async () => {
    renameSync(at('old'), at('new'))
    await place.write('new/deep/mine', 'mine')
    await place.journal.flush()
    await checkMoved()
    expect(await told('new/deep/mine')).toEqual(['create new/deep/mine'])
  })
})
