import type { ShareDirectoryClient, ShareFileClient } from '@azure/storage-file-share'
import { type ConnectContext, StorageError, type StoragePath } from '@filegate/core'
import type { Vendor } from './client.ts'
import type { AzureFilesOptions } from './options.ts'

/** What every call of the driver works with. */
export interface Connection extends Pick<ConnectContext, 'log'> {
  readonly vendor: Vendor
  readonly options: AzureFilesOptions
}

/** The options of one call of the vendor's library. */
export const until = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {})

/** What no name at Azure Files holds; some of it the library would take for something else. */
const forbidden = /["\\:|<>*?]/

/** @throws StorageError `InvalidPath` on names that Azure Files knows none of */
function checked(path: StoragePath): StoragePath {
  if (!forbidden.test(path)) return path
  const message = `The path ${JSON.stringify(path)} cannot be used: names at Azure Files hold none of " \\ : | < > * ?, which encoding can replace.`
  throw new StorageError('InvalidPath', message, { path })
}

export const fileAt = ({ vendor }: Connection, path: StoragePath): ShareFileClient =>
  vendor.share.rootDirectoryClient.getFileClient(checked(path))

export const directoryAt = ({ vendor }: Connection, path: StoragePath): ShareDirectoryClient =>
  vendor.share.getDirectoryClient(checked(path))
