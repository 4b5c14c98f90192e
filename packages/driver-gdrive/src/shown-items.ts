import { concurrently, type Operation } from '@filegate/core'
import type { Connection } from './connection.ts'
import { isMissing } from './errors.ts'
import { type DriveItem, isDocument, isFolder, itemOf } from './facts.ts'
import { fileById } from './find-files.ts'
import { exportChoice, exportFormat } from './formats.ts'
import { shortcutType } from './query.ts'
import type { Resource } from './resource.ts'

/** Shortcuts that are looked up at the same time. */
const lanes = 8

/** The items that files stand for, in the same order, and `undefined` for what the options hide. */
export async function itemsOf(
  connection: Connection,
  files: readonly Resource[],
  options: Operation,
): Promise<readonly (DriveItem | undefined)[]> {
  const items: (DriveItem | undefined)[] = Array.from({ length: files.length })
  await concurrently([...files.entries()], lanes, async ([place, file]) => {
    items[place] = await shownItem(connection, file, options)
  })
  return items
}

/** The items that are shown of these files. */
export async function shownItems(
  connection: Connection,
  files: readonly Resource[],
  options: Operation,
): Promise<DriveItem[]> {
  return (await itemsOf(connection, files, options)).filter((item) => item !== undefined)
}

/** What a file is shown as; `undefined` where the options hide it. */
export async function shownItem(
  connection: Connection,
  file: Resource,
  options: Operation,
): Promise<DriveItem | undefined> {
  const item = await itemFor(connection, file, options)
  if (item) connection.places.saw(item)
  return item
}

async function itemFor(connection: Connection, file: Resource, options: Operation): Promise<DriveItem | undefined> {
  if (file.mimeType !== shortcutType) return shown(connection, file)
  if (connection.options.skip_shortcuts) return undefined
  const target = await targetOf(connection, file, options)
  if (target) return shown(connection, target, file)
  return connection.options.skip_dangling_shortcuts ? undefined : itemOf(connection.options, file)
}

async function targetOf(
  connection: Connection,
  { shortcutDetails }: Resource,
  options: Operation,
): Promise<Resource | undefined> {
  const target = shortcutDetails?.targetId
  if (target === undefined) return undefined
  try {
    const found = await fileById(connection, target, options)
    return found.mimeType === shortcutType ? undefined : found
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function shown(connection: Connection, file: Resource, shortcut?: Resource): Promise<DriveItem | undefined> {
  const { options } = connection
  if (isFolder(file)) return itemOf(options, file, { shortcut })
  if (options.auth_owner_only && !file.owners?.some(({ me }) => me)) return undefined
  if (!isDocument(file)) return itemOf(options, file, { shortcut })
  if (options.skip_gdocs) return undefined
  if (options.show_all_gdocs) return itemOf(options, file, { shortcut, format: 'none' })
  const { exports } = await connection.conversions()
  const format = exportFormat(file.mimeType, extensionsOf(connection), exports)
  return format && itemOf(options, file, { shortcut, format })
}

/** The endings as which documents are shown, best first. */
export const extensionsOf = ({ options }: Pick<Connection, 'options'>): readonly string[] =>
  exportChoice(options.formats.length > 0 ? options.formats : options.export_formats)
