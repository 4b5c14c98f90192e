import { type ListOptions, type Operation, type Page, StorageError, type TreePlace } from '@filegate/core'
import { allPages } from './all-pages.ts'
import { type Connection, isSelection } from './connection.ts'
import type { DriveItem } from './facts.ts'
import { fileById, findFiles, searchIn } from './find-files.ts'
import { hasExtension, withoutExtension } from './formats.ts'
import { extensionsOf, shownItems } from './shown-items.ts'

/** A page of what lies in a folder. */
export async function childrenOf(
  connection: Connection,
  folder: string,
  { cursor, limit, signal }: ListOptions,
): Promise<Page<DriveItem>> {
  const found = await findFiles(connection, searchIn(connection, [folder]), { cursor, limit, signal })
  if (found.files.length === 0 && cursor === undefined) await expectFolder(connection, folder, { signal })
  return { items: await shownItems(connection, found.files, { signal }), cursor: found.cursor }
}

/**
 * A folder in the trash seems empty to searches, and its id may be remembered from before.
 * @throws StorageError `NotFound`
 */
export async function expectFolder(connection: Connection, folder: string, options: Operation): Promise<void> {
  if (folder === connection.root.id) return
  const { trashed = false } = await fileById(connection, folder, options)
  if (trashed && !connection.options.trashed_only) throw new StorageError('NotFound', 'The folder is in the trash.')
}

/** What lies in a folder under a name. Google compares names less strictly than paths do, so they are compared here again. */
export async function childOf(
  connection: Connection,
  { directory, name }: TreePlace,
  { signal }: Operation,
): Promise<DriveItem[]> {
  const search = searchIn(connection, [directory], storedNames(connection, name))
  const isSelected = isSelection(connection, directory)
  const page = async ({ cursor }: ListOptions) => {
    const found = await findFiles(connection, search, { cursor, signal })
    const items = await shownItems(connection, found.files, { signal })
    const named = items.filter(({ facts }) => facts.name === name)
    return { items: named.map((item) => ({ ...item, isSelected })), cursor: found.cursor }
  }
  return allPages(page, { signal })
}

/** The names of what may be shown under this one: documents are stored without the ending that they are shown with. */
function storedNames(connection: Connection, name: string): readonly string[] {
  const { skip_gdocs: hidden, show_all_gdocs: bare } = connection.options
  if (hidden || bare) return [name]
  const endings = extensionsOf(connection).filter((extension) => hasExtension(name, extension))
  return [name, ...endings.map((extension) => withoutExtension(name, extension))]
}
