import { type Operation, StorageError, type Usage } from '@filegate/core'
import { z } from 'zod'
import { addressOf, drivePath, itemPath } from './address.ts'
import { askForItem, type Connection, type Drive, type DriveType } from './connection.ts'
import { isBadDrive, isMissing } from './errors.ts'
import type { Graph } from './graph.ts'
import type { OneDriveItem } from './item.ts'
import type { OneDriveOptions } from './options.ts'
import { problemsOfPersonal } from './options-together.ts'

const described = z.object({ id: z.string(), driveType: z.string().nullish() })

interface Finding extends Operation {
  readonly graph: Graph
  readonly options: OneDriveOptions
}

/**
 * The drive that the options mean, and the folder in it that is the root. Proves the login.
 * @throws StorageError that names the option to look at
 */
export async function findDrive(finding: Finding): Promise<Drive> {
  const { options } = finding
  const found = await whichDrive(finding)
  const root = await findRoot(finding, found.id)
  if (found.type === 'personal') {
    const [problem] = problemsOfPersonal(options)
    if (problem) throw new StorageError('InvalidArgument', `${problem.join(': ')}.`)
  }
  return { ...found, root }
}

async function whichDrive({ graph, options, signal }: Finding): Promise<Pick<Drive, 'id' | 'type'>> {
  const { drive_id: id, drive_type: type } = options
  if (id !== '' && type !== '') return { id, type }
  try {
    const path = id === '' ? '/me/drive' : drivePath(id)
    const answer = await graph.json({ method: 'GET', path, query: { $select: 'id,driveType' }, signal })
    const found = described.parse(answer)
    return { id: id || found.id, type: type || typeOf(found.driveType) }
  } catch (error) {
    throw id === '' ? withoutDrive(error) : unknownDrive(error, id)
  }
}

const typeOf = (told: string | null | undefined): DriveType =>
  told === 'personal' || told === 'documentLibrary' ? told : 'business'

async function findRoot(finding: Finding, drive: string): Promise<OneDriveItem> {
  const { root_folder_id: folder } = finding.options
  const address = addressOf(folder, drive)
  const path = folder === '' ? `${drivePath(drive)}/root` : itemPath(address)
  let root: OneDriveItem
  try {
    root = await askForItem(finding, address.drive, { method: 'GET', path, signal: finding.signal })
  } catch (error) {
    throw folder === '' ? unknownDrive(error, drive) : unknownFolder(error, folder)
  }
  // The root of a drive is a directory, whatever else is said of it.
  if (folder === '' && root.facts.kind === 'file') return { ...root, facts: { kind: 'directory', name: '' } }
  if (root.facts.kind === 'directory') return root
  throw new StorageError('InvalidArgument', `root_folder_id: '${folder}' is a file, not a folder.`)
}

function withoutDrive(error: unknown): unknown {
  if (!isMissing(error)) return error
  const message = 'drive_id: the account has no drive of its own. Open OneDrive once in a browser, or give drive_id.'
  return new StorageError('NotFound', message, { cause: error })
}

function unknownDrive(error: unknown, drive: string): unknown {
  if (!isMissing(error) && !isBadDrive(error)) return error
  const message = `drive_id: there is no drive '${drive}', or the account may not see it.`
  return new StorageError('NotFound', message, { cause: error })
}

function unknownFolder(error: unknown, folder: string): unknown {
  if (!isMissing(error)) return error
  const message = `root_folder_id: there is no folder '${folder}' in the drive.`
  return new StorageError('NotFound', message, { cause: error })
}

const bytes = z.number().nullish()
const withQuota = z.object({ quota: z.object({ total: bytes, used: bytes, remaining: bytes }).nullish() })

/** A total of 0 stands for none that is known. */
export async function usageOf({ graph, drive }: Connection, { signal }: Operation): Promise<Usage> {
  const answer = await graph.json({ method: 'GET', path: drivePath(drive.id), query: { $select: 'quota' }, signal })
  const { quota } = withQuota.parse(answer)
  if (!quota) return {}
  const total = quota.total || undefined
  return {
    total,
    used: quota.used ?? undefined,
    free: total === undefined ? undefined : Math.max(0, quota.remaining ?? total - (quota.used ?? 0)),
  }
}
