import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import {
  collectBytes,
  localAccessOf,
  type LocalChanges,
  parsePath,
  type StorageDriver,
  streamBytes,
} from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { defaultJournal, type JournalSettings } from '../../settings.ts'
import { openContentFolder } from '../content-folder.ts'
import { type Journal, openJournal } from '../journal.ts'
import { type JournalTables, openJournalTables } from '../journal-tables.ts'

export interface JournaledFolder {
  /** Absolute paths on disk. */
  readonly folder: string
  readonly contents: string
  readonly journal: Journal
  readonly changes: LocalChanges
  readonly storage: StorageDriver & LocalChanges
  /** The tables once more, as another process has them. */
  openTables(): Promise<JournalTables>
  /** What was reported. */
  readonly problems: unknown[]
  write(path: string, text: string): Promise<void>
  /** What a file held at a time; undefined when it was not there. */
  textAt(path: string, time: number): Promise<string | undefined>
  textOf(hash: string): Promise<string>
  /** Ends the journal and opens it again, with what `meanwhile` does in between. */
  reopened(meanwhile?: () => void): Promise<JournaledFolder>
  close(): Promise<void>
}

export interface JournaledOptions extends Partial<JournalSettings> {
  /** Of a PostgreSQL, in place of a file. */
  readonly databaseUrl?: string | undefined
  /** Whether other processes write to the same journal. */
  readonly isShared?: boolean | undefined
  readonly followsSymlinks?: boolean | undefined
}

/** A folder with a journal, in a new place unless one is named. */
export async function journaledFolder(
  { databaseUrl, isShared = false, followsSymlinks = false, ...settings }: JournaledOptions = {},
  place = mkdtempSync(join(tmpdir(), 'filegate-journal-')),
): Promise<JournaledFolder> {
  const [folder, data] = [join(place, 'served'), join(place, 'data')]
  mkdirSync(folder, { recursive: true })
  // The names of two places may differ in nothing but case.
  const schema = `filegate_journal_${Buffer.from(basename(place).slice(-6)).toString('hex')}`
  const postgres = databaseUrl === undefined ? undefined : { url: databaseUrl, schema }
  const driver = openLocalDriver({ root: folder, followsSymlinks, changes: { durable: false } })
  const local = localAccessOf(driver)
  if (!local) throw new Error('a local driver has local access')
  const problems: unknown[] = []
  const openTables = (): Promise<JournalTables> => openJournalTables({ directory: data, postgres })
  const tables = await openTables()
  const journal = openJournal({
    storage: driver,
    local,
    content: openContentFolder(tables.contents, join(data, 'changes')),
    tables,
    settings: { ...defaultJournal, ...settings },
    isShared,
    report: (error) => problems.push(error),
    say: (message) => problems.push(message),
  })
  await journal.flush()
  const changes = journal.journaled(driver)
  const end = async (): Promise<void> => {
    await journal.close()
    await driver.close()
  }
  let writes = 0
  const textOf = async (hash: string): Promise<string> =>
    Buffer.from(await collectBytes((await journal.content.read(hash)).body)).toString()
  return {
    folder,
    contents: tables.contents,
    journal,
    changes,
    storage: driver,
    problems,
    openTables,
    textOf,
    async write(path, text) {
      const bytes = Buffer.from(text)
      writes += 1
      // As small uploads come, and as large ones do.
      const whole = writes % 2 === 1 ? bytes : undefined
      await changes.write(parsePath(path), { body: streamBytes(bytes), size: bytes.length, whole })
    },
    async textAt(path, time) {
      const found = await journal.queries.at(parsePath(path), time).catch(() => undefined)
      return found && textOf(found.hash)
    },
    async reopened(meanwhile) {
      await end()
      meanwhile?.()
      return journaledFolder({ ...settings, databaseUrl, isShared, followsSymlinks }, place)
    },
    async close() {
      await end()
      rmSync(place, { recursive: true, force: true })
    },
  }
}
