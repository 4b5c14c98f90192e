import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { LocalAccess } from '@filegate/core'
import type { LocalDriver } from '@filegate/driver-local'
import { CommandError } from '../cli/command-error.ts'
import type { Settings } from '../settings.ts'
import { openContentFolder } from './content-folder.ts'
import { type Journal, openJournal } from './journal.ts'
import { openJournalTables } from './journal-tables.ts'

export interface JournalStart {
  readonly settings: Settings
  readonly driver: LocalDriver
  readonly local: LocalAccess
  readonly report: (error: unknown) => void
  readonly say: (message: string) => void
}

/**
 * The journal of the served folder, in a folder of its own among ours, since several servers may share that.
 * @throws CommandError 1 when there is nowhere to keep it, or it cannot be opened: then it names the file or the database
 */
export async function startJournal({ settings, driver, local, report, say }: JournalStart): Promise<Journal> {
  const { dataDirectory, databaseUrl, servedPath, workers } = settings
  if (dataDirectory === undefined) {
    throw new CommandError(
      1,
      '--allow-journal needs a folder outside the served one to keep the journal in: --data-dir',
    )
  }
  const name = createHash('sha256').update(servedPath).digest('hex').slice(0, 16)
  const directory = join(dataDirectory, 'journal', name)
  const postgres = databaseUrl === undefined ? undefined : { url: databaseUrl, schema: `filegate_journal_${name}` }
  const tables = await openJournalTables({ directory, postgres }).catch((error: unknown) => {
    throw new CommandError(1, error instanceof Error ? error.message : String(error), error)
  })
  return openJournal({
    storage: driver,
    local,
    content: openContentFolder(tables.contents, join(directory, 'changes')),
    tables,
    settings: settings.journal,
    isShared: workers > 1 || databaseUrl !== undefined,
    report,
    say,
  })
}
