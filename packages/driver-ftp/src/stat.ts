import { baseName, type Entry, notFound, parentPath, root, type StoragePath } from '@filegate/core'
import { isRefusal } from './control.ts'
import { parseFacts, parseTime, type Told } from './facts.ts'
import { readFolder } from './folder.ts'
import { serverPath } from './server-path.ts'
import type { Session } from './session.ts'

/** @throws StorageError `NotFound` */
export async function statPath(session: Session, path: StoragePath): Promise<Entry> {
  const entry = await statIfThere(session, path)
  if (!entry) throw notFound(path)
  return entry
}

export async function statIfThere(session: Session, path: StoragePath): Promise<Entry | undefined> {
  if (path === root) return { kind: 'directory', path, name: '' }
  if (!session.tellsFacts) return probe(session, path)
  const answer = await session.control.tries(`MLST ${serverPath(session, path)}`)
  const line = answer?.message.split('\n')[1]
  const told = line === undefined ? undefined : parseFacts(line.trimStart())
  if (!told) return undefined
  // Without a size it is not certain what a link, or something special, can be read as.
  return told.kind === 'link' ? probe(session, path) : entryOf(path, told)
}

export function entryOf(path: StoragePath, { kind, size, modified }: Omit<Told, 'name'>): Entry {
  const known = { path, name: baseName(path), ...(modified !== undefined && { modified }) }
  return kind === 'file' ? { kind, ...known, size } : { kind: 'directory', ...known }
}

/** By what can be done with it, where the server has no MLST. Links are followed. */
export async function probe(session: Session, path: StoragePath): Promise<Entry | undefined> {
  const { control } = session
  const where = serverPath(session, path)
  if (await control.tries(`CWD ${where}`)) return entryOf(path, { kind: 'directory' })
  try {
    const [, size] = /^213 +(\d+)/.exec((await control.ask(`SIZE ${where}`)).message) ?? []
    if (size !== undefined) {
      return entryOf(path, { kind: 'file', size: Number(size), modified: await modifiedOf(session, path) })
    }
  } catch (error) {
    if (!isRefusal(error)) throw error
    // SIZE is an extension; a server without it can only be asked for the whole folder.
    if (![500, 502, 504].includes(error.code)) return undefined
  }
  const folder = await readFolder(session, parentPath(path), { hidden: session.settings.hidden }).catch(noneIfRefused)
  const told = folder.find(({ name }) => name === baseName(path))
  if (!told) return undefined
  const modified = await modifiedOf(session, path)
  return entryOf(path, told.kind === 'directory' ? { kind: 'directory' } : { kind: 'file', size: told.size, modified })
}

function noneIfRefused(error: unknown): readonly Told[] {
  if (isRefusal(error)) return []
  throw error
}

/** RFC 3659, section 3: in UTC and to the second, which LIST is not. */
export async function modifiedOf(session: Session, path: StoragePath): Promise<number | undefined> {
  if (!session.has('MDTM')) return undefined
  const answer = await session.control.tries(`MDTM ${serverPath(session, path)}`)
  return parseTime(answer?.message.slice(4) ?? '')
}
