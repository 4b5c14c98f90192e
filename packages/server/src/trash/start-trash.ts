import { join } from 'node:path'
import { type LocalChanges, localAccessOf, localChangesOf, type StorageDriver, type StoragePath } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import type { Settings } from '../settings.ts'
import type { PathLocks } from '../writing/path-locks.ts'
import { sweep } from './sweep.ts'
import { openTrash, type Trash, trashPath } from './trash.ts'

export interface TrashStart {
  readonly settings: Pick<Settings, 'trash' | 'allow' | 'dataDirectory' | 'sync' | 'servedPath'>
  /** The served folder. */
  readonly storage: StorageDriver
  readonly locks: PathLocks
  readonly report: (error: unknown) => void
}

/** The trash as long as the server runs. */
export interface RunningTrash extends Trash {
  /** Changes of the served folder and the trash, for somebody who may change these places only, or everything. */
  changesWithin(within: readonly StoragePath[] | undefined): LocalChanges
  close(): Promise<void>
}

/** Milliseconds. */
const sweepEvery = 60 * 60_000

/** Undefined without `--trash`. */
export function startTrash({ settings, storage, locks, report }: TrashStart): RunningTrash | undefined {
  const { trash: rules, allow, dataDirectory, sync: durable, servedPath } = settings
  if (!rules) return undefined
  const notes = dataDirectory === undefined ? undefined : join(dataDirectory, 'changes')
  const driver = openLocalDriver({
    root: servedPath,
    followsSymlinks: allow.symlink,
    reachesTrash: true,
    changes: { notes, durable },
  })
  const local = localAccessOf(driver)
  if (!local) return undefined
  const trash = openTrash({ storage, local, changes: driver, locks })
  const closing = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const tidy = (): void => {
    running = running
      .then(() => sweep(trash, { ...rules, now: Date.now(), signal: closing.signal }))
      .catch((error: unknown) => {
        if (!closing.signal.aborted) report(error)
      })
  }
  tidy()
  const timer = setInterval(tidy, sweepEvery).unref()
  return {
    ...trash,
    changesWithin: (within) => (within && localChangesOf(local.narrowed([...within, trashPath]))) ?? driver,
    async close() {
      closing.abort()
      clearInterval(timer)
      await running
      await driver.close()
    },
  }
}
