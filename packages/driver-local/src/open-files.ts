import { StorageError } from '@filegate/core/error'
import type { LocalAccess } from '@filegate/core'
import { openAccess } from './access.ts'
import { admitsWithin } from './admits.ts'
import { locatorFor } from './locator.ts'
import { openRootFolder } from './root-folder.ts'
import { verifiedEntries } from './verified-entries.ts'

/**
 * `openFile` of a driver over the same folder, with the same guard. It comes without the rest of the driver, and without what
 * that loads, for threads that do nothing else.
 */
export function openFiles(folder: Pick<LocalAccess, 'root' | 'followsSymlinks' | 'within'>): LocalAccess['openFile'] {
  const { root, followsSymlinks, within } = folder
  const admits = within && admitsWithin(within)
  const access = openAccess({
    folder: openRootFolder(root),
    locator: locatorFor(root, followsSymlinks, admits),
    followsSymlinks,
    narrowed: () => {
      throw new StorageError('Unsupported', 'There is no driver here.')
    },
    verified: verifiedEntries(),
    within,
    admits,
  })
  return (path) => access.openFile(path)
}
