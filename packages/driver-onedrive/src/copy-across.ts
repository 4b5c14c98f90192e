import { type Operation, StorageError, type TreeAcross, type TreePlace } from '@filegate/core'
import { addressOf, itemPath } from './address.ts'
import { askForItem, type Connection } from './connection.ts'
import { copyItem } from './copy-item.ts'
import type { OneDriveItem } from './item.ts'

/**
 * Copies between connections: those of one cloud, between personal drives, or between those of organizations.
 * @param noted keeps in mind where what it answers lies
 */
export function acrossOf(
  connection: Connection,
  noted: (place: TreePlace, answer: Promise<OneDriveItem>) => Promise<OneDriveItem>,
): TreeAcross<OneDriveItem> | undefined {
  const { options, drive } = connection
  if (!options.server_side_across_configs) return undefined
  return {
    service: `onedrive ${options.region} ${drive.type === 'personal' ? 'personal' : 'work'}`,
    referenceOf(item) {
      if (item.isNotebook || item.isInfected) throw notCopied()
      return item.id
    },
    copyFrom: (reference, place, asked) => noted(place, copyFrom(connection, reference, place, asked)),
  }
}

async function copyFrom(
  connection: Connection,
  reference: string,
  place: TreePlace,
  options: Operation,
): Promise<OneDriveItem> {
  const from = addressOf(reference)
  const call = { method: 'GET', path: itemPath(from), signal: options.signal } as const
  const item = await askForItem(connection, from.drive, call)
  if (item.facts.kind === 'directory') throw notCopied()
  return copyItem(connection, item, place, options)
}

const notCopied = (): StorageError =>
  new StorageError('Unsupported', 'OneDrive does not copy this between two connections.')
