import { hash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseState, type UploadState } from './upload-state.ts'

/**
 * What is known of uploads, as small files in the data directory: a folder for each owner, in which `open` holds those that go on
 * and `over` those that are stored, joined or expired. Nobody finds an upload of somebody else.
 */
export interface UploadStore {
  /** How many go on. */
  count(owner: Owner): Promise<number>
  find(owner: Owner, id: string): Promise<UploadState | undefined>
  /** Replaces what was known. `durably`: it survives a loss of power once this resolves. */
  save(owner: Owner, state: UploadState, durably: boolean): Promise<void>
  /** Lays aside what was saved of one that does not go on; it is forgotten later. */
  end(owner: Owner, id: string): Promise<void>
  forget(owner: Owner, id: string): Promise<void>
  owners(): Promise<readonly Owner[]>
  /** Identifiers. */
  open(owner: Owner): Promise<readonly string[]>
  /** Forgets those that have been over since before that time, Unix milliseconds. */
  forgetBefore(owner: Owner, time: number): Promise<void>
}

/** The name of a folder. */
export type Owner = string

/** All who did not log in are one. */
export const ownerOf = (user: string | null): Owner =>
  user === null ? 'anonymous' : `user-${hash('sha256', user, 'hex').slice(0, 32)}`

export function createUploadStore(directory: string, isDurable: boolean): UploadStore {
  const placeOf = (owner: Owner, part: 'open' | 'over', id: string): string =>
    join(directory, owner, part, `${id}.json`)

  async function write(place: string, state: UploadState, durably: boolean): Promise<void> {
    const next = `${place}.next`
    const file = await openMade(next, join(place, '..'))
    try {
      await file.writeFile(JSON.stringify(state))
      if (isDurable) await file.sync()
    } finally {
      await file.close()
    }
    await rename(next, place)
    if (isDurable && durably) await syncFolder(join(place, '..'))
  }
  return {
    count: async (owner) => (await namesIn(join(directory, owner, 'open'))).length,
    async find(owner, id) {
      const text = (await textOf(placeOf(owner, 'open', id))) ?? (await textOf(placeOf(owner, 'over', id)))
      return text === undefined ? undefined : parseState(text)
    },
    save: (owner, state, durably) => write(placeOf(owner, 'open', state.id), state, durably),
    async end(owner, id) {
      const last = placeOf(owner, 'over', id)
      await mkdir(join(last, '..'), { recursive: true, mode: 0o700 })
      await rename(placeOf(owner, 'open', id), last)
    },
    async forget(owner, id) {
      await rm(placeOf(owner, 'open', id), { force: true })
      await rm(placeOf(owner, 'over', id), { force: true })
    },
    owners: () => namesIn(directory),
    open: async (owner) => identifiers(await namesIn(join(directory, owner, 'open'))),
    async forgetBefore(owner, time) {
      for (const part of ['over', 'open'] as const) {
        const folder = join(directory, owner, part)
        // What a process that died was about to write counts as well.
        const names = (await namesIn(folder)).filter((name) => part === 'over' || name.endsWith('.next'))
        for (const name of names) await removeBefore(join(folder, name), time)
      }
    },
  }
}

const suffix = '.json'
const identifiers = (names: readonly string[]): string[] =>
  names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))

async function openMade(place: string, folder: string): Promise<FileHandle> {
  try {
    return await open(place, 'w', 0o600)
  } catch (error) {
    if (!isMissing(error)) throw error
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return open(place, 'w', 0o600)
  }
}

async function removeBefore(place: string, time: number): Promise<void> {
  const stats = await ifThere(stat(place))
  if (stats && stats.mtimeMs < time) await rm(place, { force: true })
}

/** Makes what happened in a folder survive a loss of power. Windows has no such thing. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const textOf = (place: string): Promise<string | undefined> => ifThere(readFile(place, 'utf8'))
const namesIn = async (folder: string): Promise<readonly string[]> => (await ifThere(readdir(folder))) ?? []

async function ifThere<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
