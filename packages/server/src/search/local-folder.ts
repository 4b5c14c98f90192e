import { type LocalAccess, localAccessOf, type StoragePath } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'

/** What a thread needs to open the folder that is served, as far as somebody may reach it. */
export interface LocalFolder {
  readonly root: string
  readonly followsSymlinks: boolean
  /** As `LocalAccess.within`. */
  readonly within: readonly StoragePath[] | undefined
}

export const folderOf = ({ root, followsSymlinks, within }: LocalAccess): LocalFolder => ({
  root,
  followsSymlinks,
  within,
})

/** Keeps the folder that was opened last: threads serve many searches of the same one. */
export function createFolderOpener(): (folder: LocalFolder) => LocalAccess | undefined {
  let opened: { readonly key: string; readonly local: LocalAccess | undefined } | undefined
  return (folder) => {
    const key = JSON.stringify(folder)
    if (opened?.key !== key) opened = { key, local: localAccessOf(openLocalDriver(folder)) }
    return opened.local
  }
}
