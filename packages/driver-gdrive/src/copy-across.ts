import { StorageError, type TreeAcross } from '@filegate/core'
import type { Connection } from './connection.ts'
import { copyItem } from './copy.ts'
import { type DriveItem, isDangling, isDocument, isFolder } from './facts.ts'
import { fileById } from './find-files.ts'
import { shownItem } from './shown-items.ts'

/**
 * Copies between connections. A reference is `id`, or `id/key` with the key without which the link to the file stays closed.
 * Google documents are left out: another connection may show them under another ending, or not at all.
 */
export const acrossOf = (connection: Connection): TreeAcross<DriveItem> => ({
  service: 'drive',
  referenceOf(item) {
    if (!isCopied(item)) throw notCopied()
    const { id, resourceKey } = item.file
    return resourceKey === undefined ? id : `${id}/${resourceKey}`
  },
  async copyFrom(reference, place, options) {
    const [id = '', key] = reference.split('/')
    connection.keys.keep(id, key)
    const item = await shownItem(connection, await fileById(connection, id, options), options)
    if (!item || !isCopied(item)) throw notCopied()
    return copyItem(connection, item, place, options)
  },
})

const isCopied = (item: DriveItem): boolean => !isFolder(item.file) && !isDocument(item.file) && !isDangling(item)

const notCopied = (): StorageError =>
  new StorageError('Unsupported', 'Google Drive copies only files with bytes of their own between two connections.')
