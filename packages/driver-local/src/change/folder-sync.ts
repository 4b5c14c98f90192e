import { close, fsync, open } from 'node:fs'
import { promisify } from 'node:util'
import type { OpenedDirectory } from '../locator.ts'

const openFile = promisify(open)
const closeFile = promisify(close)
const syncFile = promisify(fsync)

/** Makes what happened in a folder survive a loss of power. */
export type FolderSync = (folder: OpenedDirectory) => Promise<void>

/**
 * One sync makes all durable that happened in a folder before it began. So whoever comes while one is under way waits for the next,
 * together with all others that came meanwhile.
 */
export function createFolderSync(): FolderSync {
  const running = new Map<string, { next?: Promise<void>; now: Promise<void> }>()

  async function run(key: string, folder: OpenedDirectory): Promise<void> {
    const turn: { next?: Promise<void>; now: Promise<void> } = { now: syncFolder(folder) }
    running.set(key, turn)
    try {
      await turn.now
    } finally {
      if (running.get(key) === turn && !turn.next) running.delete(key)
    }
  }

  return (folder) => {
    const key = `${folder.stats.dev}:${folder.stats.ino}`
    const turn = running.get(key)
    if (!turn) return run(key, folder)
    const start = (): Promise<void> => run(key, folder)
    turn.next ??= turn.now.then(start, start)
    return turn.next
  }
}

async function syncFolder({ descriptor, pinnedPath }: OpenedDirectory): Promise<void> {
  if (descriptor !== undefined) return syncFile(descriptor)
  // Windows has no such thing for folders.
  if (process.platform === 'win32') return
  const opened = await openFile(pinnedPath, 'r')
  try {
    await syncFile(opened)
  } finally {
    await closeFile(opened)
  }
}
