import { abortCopy, copyFile } from './copy.ts'
import {
  createDirectory,
  deleteDirectory,
  getDirectory,
  setDirectoryMetadata,
  setDirectoryProperties,
} from './directory.ts'
import {
  closeHandles,
  createFile,
  deleteFile,
  getFileProperties,
  listHandles,
  setFileMetadata,
  setFileProperties,
} from './file.ts'
import { leaseFile } from './lease.ts'
import { listEntries } from './listing.ts'
import { listRanges, putRange } from './ranges.ts'
import { readFile } from './read-file.ts'
import type { Answer } from './answer.ts'
import { renameDirectory, renameFile } from './rename.ts'
import type { ServiceRequest } from './request.ts'
import {
  createNewShare,
  deleteShare,
  getShare,
  getShareStatistics,
  listShares,
  setShareMetadata,
  setShareProperties,
} from './share.ts'
import type { Signer } from './sas.ts'
import type { Account, Share } from './tree.ts'

/** What an operation works on. */
export interface Scene {
  readonly request: ServiceRequest
  readonly account: Account
  readonly signer: Signer
  /** The name in the path; there need not be such a share. */
  readonly shareName: string
  /** Refuses when there is no such share. */
  readonly share: Share
  /** Inside the share, checked, trailing dots handled. */
  readonly path: readonly string[]
  /** How often a copy must be asked about until it has ended; 0: it ends at once. */
  readonly copyDelay: number
}

export interface Operation {
  readonly name: string
  readonly method: string
  /** What the path names: the account, a share, or what is in a share. */
  readonly level: 'account' | 'share' | 'entry'
  readonly restype?: string
  readonly comp?: string
  /** A header that tells this operation from another with the same method and parameters. */
  readonly having?: string
  /** The permissions of a signature, any of which is enough. */
  readonly permissions: string
  /** For the signature of an account: service, container or object. */
  readonly resourceType: 's' | 'c' | 'o'
  readonly run: (scene: Scene) => Answer | Promise<Answer>
}

const account = { level: 'account', resourceType: 's' } as const
const share = { level: 'share', restype: 'share', resourceType: 'c' } as const
const directory = { level: 'entry', restype: 'directory', resourceType: 'o' } as const
const file = { level: 'entry', resourceType: 'o' } as const

/** All that is simulated; the first that fits is taken. */
export const operations: readonly Operation[] = [
  { ...account, name: 'List Shares', method: 'GET', comp: 'list', permissions: 'l', run: listShares },
  { ...share, name: 'Create Share', method: 'PUT', permissions: 'cw', run: createNewShare },
  { ...share, name: 'Get Share Properties', method: 'GET', permissions: 'r', run: getShare },
  { ...share, name: 'Get Share Properties', method: 'HEAD', permissions: 'r', run: getShare },
  { ...share, name: 'Delete Share', method: 'DELETE', permissions: 'd', run: deleteShare },
  { ...share, name: 'Get Share Stats', method: 'GET', comp: 'stats', permissions: 'r', run: getShareStatistics },
  { ...share, name: 'Get Share Metadata', method: 'GET', comp: 'metadata', permissions: 'r', run: getShare },
  { ...share, name: 'Set Share Metadata', method: 'PUT', comp: 'metadata', permissions: 'w', run: setShareMetadata },
  {
    ...share,
    name: 'Set Share Properties',
    method: 'PUT',
    comp: 'properties',
    permissions: 'w',
    run: setShareProperties,
  },

  { ...directory, name: 'Create Directory', method: 'PUT', permissions: 'cw', run: createDirectory },
  { ...directory, name: 'Get Directory Properties', method: 'GET', permissions: 'r', run: getDirectory },
  { ...directory, name: 'Get Directory Properties', method: 'HEAD', permissions: 'r', run: getDirectory },
  { ...directory, name: 'Delete Directory', method: 'DELETE', permissions: 'd', run: deleteDirectory },
  {
    ...directory,
    name: 'List Directories and Files',
    method: 'GET',
    comp: 'list',
    permissions: 'l',
    resourceType: 'c',
    run: listEntries,
  },
  {
    ...directory,
    name: 'Get Directory Metadata',
    method: 'GET',
    comp: 'metadata',
    permissions: 'r',
    run: getDirectory,
  },
  {
    ...directory,
    name: 'Get Directory Metadata',
    method: 'HEAD',
    comp: 'metadata',
    permissions: 'r',
    run: getDirectory,
  },
  {
    ...directory,
    name: 'Set Directory Metadata',
    method: 'PUT',
    comp: 'metadata',
    permissions: 'w',
    run: setDirectoryMetadata,
  },
  {
    ...directory,
    name: 'Set Directory Properties',
    method: 'PUT',
    comp: 'properties',
    permissions: 'w',
    run: setDirectoryProperties,
  },
  { ...directory, name: 'Rename Directory', method: 'PUT', comp: 'rename', permissions: 'w', run: renameDirectory },

  { ...file, name: 'Copy File', method: 'PUT', having: 'x-ms-copy-source', permissions: 'cw', run: copyFile },
  { ...file, name: 'Create File', method: 'PUT', permissions: 'cw', run: createFile },
  { ...file, name: 'Get File', method: 'GET', permissions: 'r', run: readFile },
  { ...file, name: 'Get File Properties', method: 'HEAD', permissions: 'r', run: getFileProperties },
  { ...file, name: 'Delete File', method: 'DELETE', permissions: 'd', run: deleteFile },
  { ...file, name: 'Put Range', method: 'PUT', comp: 'range', permissions: 'w', run: putRange },
  { ...file, name: 'List Ranges', method: 'GET', comp: 'rangelist', permissions: 'r', run: listRanges },
  { ...file, name: 'Set File Properties', method: 'PUT', comp: 'properties', permissions: 'w', run: setFileProperties },
  { ...file, name: 'Get File Metadata', method: 'GET', comp: 'metadata', permissions: 'r', run: getFileProperties },
  { ...file, name: 'Get File Metadata', method: 'HEAD', comp: 'metadata', permissions: 'r', run: getFileProperties },
  { ...file, name: 'Set File Metadata', method: 'PUT', comp: 'metadata', permissions: 'w', run: setFileMetadata },
  { ...file, name: 'Abort Copy File', method: 'PUT', comp: 'copy', permissions: 'w', run: abortCopy },
  { ...file, name: 'Rename File', method: 'PUT', comp: 'rename', permissions: 'w', run: renameFile },
  { ...file, name: 'Lease File', method: 'PUT', comp: 'lease', permissions: 'wd', run: leaseFile },
  { ...file, name: 'List Handles', method: 'GET', comp: 'listhandles', permissions: 'l', run: listHandles },
  {
    ...file,
    name: 'Force Close Handles',
    method: 'PUT',
    comp: 'forceclosehandles',
    permissions: 'w',
    run: closeHandles,
  },
]
