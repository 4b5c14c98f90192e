import { type Entry, joinPath, type ListOptions, notADirectory, type Page, type StoragePath } from '@filegate/core'
import { isRefusal } from './control.ts'
import type { Told } from './facts.ts'
import { readFolder } from './folder.ts'
import { isUploadName } from './server-path.ts'
import type { Session } from './session.ts'
import { entryOf, modifiedOf, probe, statPath } from './stat.ts'

/** Entries of a page where the time of each file is a question of its own. */
const askedPage = 200

/** A page of the entries of a folder, by their names. The server lists all of them each time. */
export async function listFolder(session: Session, path: StoragePath, options: ListOptions): Promise<Page<Entry>> {
  const { cursor, limit = Number.POSITIVE_INFINITY } = options
  const told = await toldOf(session, path)
  const shown = told
    .filter(({ name }) => !isUploadName(name) && (cursor === undefined || name > cursor))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const size = Math.max(1, Math.min(limit, session.tellsFacts ? limit : askedPage))
  const page = shown.slice(0, size)
  const items: Entry[] = []
  for (const one of page) items.push(await resolved(session, joinPath(path, one.name), one))
  return { items, ...(page.length < shown.length && { cursor: page.at(-1)?.name }) }
}

/** @throws StorageError `NotFound` or `NotADirectory` */
async function toldOf(session: Session, path: StoragePath): Promise<readonly Told[]> {
  try {
    return await readFolder(session, path, { hidden: session.settings.hidden })
  } catch (error) {
    if (!isRefusal(error)) throw error
    const entry = await statPath(session, path)
    throw entry.kind === 'file' ? notADirectory(path) : error
  }
}

/** With what the listing leaves open. A link that leads nowhere is shown as the file that it is. */
async function resolved(session: Session, path: StoragePath, told: Told): Promise<Entry> {
  if (told.kind === 'link') return (await probe(session, path)) ?? entryOf(path, { kind: 'file' })
  if (told.kind !== 'file' || session.tellsFacts) return entryOf(path, told)
  return entryOf(path, { ...told, modified: await modifiedOf(session, path) })
}
