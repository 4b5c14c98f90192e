import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalAccess } from '@filegate/core'
import { type LocalDriver, openLocalDriver } from '@filegate/driver-local'
import { CommandError } from '../cli/command-error.ts'
import type { Settings } from '../settings.ts'
import { type Journal, openJournal } from './journal.ts'

export interface JournalStart {
  readonly settings: Settings
  readonly driver: LocalDriver
  readonly local: LocalAccess
  readonly report: (error: unknown) => void
  readonly say: (message: string) => void
}

/**
 * The journal of the served folder, in a folder of its own among ours, since several servers may share that.
 * @throws CommandError 1 when there is nowhere to keep it; Error naming the file when it cannot be opened
 */
export async function startJournal({ settings, driver, local, report, say }: JournalStart): Promise<Journal> {
  const { dataDirectory, servedPath, workers, sync } = settings
  if (dataDirectory === undefined) {
    throw new CommandError(
      1,
      '--allow-journal needs a folder outside the served one to keep the journal in: --data-dir',
    )
  }
  const directory = join(dataDirectory, 'journal', createHash('sha256').update(servedPath).digest('hex').slice(0, 16))
  const contents = join(directory, 'contents')
  mkdirSync(contents, { recursive: true, mode: 0o700 })
  return openJournal({
    storage: driver,
    local,
    content: openLocalDriver({
      root: contents,
      followsSymlinks: false,
      changes: { notes: join(directory, 'changes'), durable: sync },
    }),
    dataDirectory: directory,
    settings: settings.journal,
    isShared: workers > 1,
    report,
    say,
  })
}
