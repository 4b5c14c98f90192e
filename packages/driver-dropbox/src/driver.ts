import { type Clock, type ConnectContext, root, type StorageDriver, systemClock } from '@filegate/core'
import { oauthLogin } from '@filegate/core/oauth'
import { renewingBlobs } from './bare-token.ts'
import { changesSince } from './changes.ts'
import { createCommitter } from './committer.ts'
import { type Connection, wholeAccount } from './connection.ts'
import { makeDirectory, removePath } from './directories.ts'
import { flow } from './flow.ts'
import { walkMemory } from './walk-memory.ts'
import { hashOf } from './hash.ts'
import { listDirectory, walkDirectory } from './list.ts'
import { loggedInFetch } from './logged-in-fetch.ts'
import type { DropboxOptions } from './options.ts'
import { pacedFetch } from './pace.ts'
import { inTime, proveAccess } from './probe.ts'
import { publicLinkOf } from './public-link.ts'
import { readFile } from './read.ts'
import { relocate } from './relocate.ts'
import { revisionsOf } from './revisions.ts'
import { sharedFilesDriver } from './shared-files.ts'
import { type SharedFolders, sharedFolders } from './shared-folders.ts'
import { statPath } from './stat.ts'
import { teamMemberId } from './team-member.ts'
import { usageOf } from './usage.ts'
import { createVendor, type Vendor } from './vendor.ts'
import { writeFile } from './write.ts'

/** Connects to an account and proves that it takes the login. */
export async function connectDropbox(
  options: DropboxOptions,
  context: ConnectContext,
  clock: Clock = systemClock,
): Promise<StorageDriver> {
  const { log, signal } = context
  const vendor = await inTime(signal, async (deadline) => {
    const found = await vendorFor(options, { ...context, signal: deadline }, clock)
    await proveAccess(found, options, deadline)
    return found
  })
  if (options.shared_files) return sharedFilesDriver(vendor)
  const committer = createCommitter(options, { vendor, clock })
  const folders = options.shared_folders ? sharedFolders(vendor, root) : undefined
  const places = folders ?? wholeAccount
  return driverOver({ vendor, options, log, places, committer, clock, walks: walkMemory() }, folders)
}

/** The vendor as whoever the options say, with the root that they say. */
async function vendorFor(options: DropboxOptions, context: ConnectContext, clock: Clock): Promise<Vendor> {
  const login = oauthLogin(flow, options, { fetch: context.fetch, renewToken: renewingBlobs(context) })
  const fetch = loggedInFetch(login, pacedFetch(context.fetch, options, clock))
  const library = await import('dropbox')
  const { impersonate, root_namespace: namespace } = options
  const team = impersonate === '' ? undefined : createVendor(library, { fetch, headers: {} })
  const headers = {
    ...(team && { 'Dropbox-API-Select-User': await teamMemberId(team, impersonate, context.signal) }),
    ...(namespace !== '' && {
      'Dropbox-API-Path-Root': JSON.stringify({ '.tag': 'namespace_id', namespace_id: namespace }),
    }),
  }
  return createVendor(library, { fetch, headers })
}

function driverOver(connection: Connection, folders: SharedFolders | undefined): StorageDriver {
  return {
    provider: 'dropbox',
    traits: {
      ranges: 'native',
      directories: 'real',
      caseSensitive: false,
      hashes: ['dropbox'],
      modifiedPrecision: 1000,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    ...readMethods(connection, folders),
    write: (path, options) => writeFile(connection, path, options),
    remove: (path, options) => removePath(connection, path, options),
    makeDirectory: (path, options) => makeDirectory(connection, path, options),
    copy: (path, options) => relocate(connection, 'copy', path, options),
    move: (path, options) => relocate(connection, 'move', path, options),
    about: (_path, options) => usageOf(connection, options),
    publicLink: (path, options) => publicLinkOf(connection, path, options),
    close: () => connection.committer.close(),
  }
}

/** What is uploaded but not finished is finished before somebody looks. */
function readMethods(connection: Connection, folders: SharedFolders | undefined) {
  const { committer } = connection
  return {
    async stat(path, options) {
      await committer.settle(path)
      return statPath(connection, path, options)
    },
    async list(path, options = {}) {
      await committer.settle(path)
      return path === root && folders ? folders.list(options) : listDirectory(connection, path, options)
    },
    async read(path, options = {}) {
      await committer.settle(path)
      return readFile(connection, path, options)
    },
    async hash(path, options) {
      await committer.settle(path)
      return hashOf(connection, path, options)
    },
    async revisions(path, options) {
      await committer.settle(path)
      return revisionsOf(connection, path, options)
    },
    // The vendor walks through what has one root, and tells its changes; the shared folders have many.
    ...(!folders && {
      changes: (cursor, options) => changesSince(connection, cursor, options),
      async walk(path, options = {}) {
        await committer.settle(path)
        return walkDirectory(connection, path, options)
      },
    }),
  } satisfies Partial<StorageDriver>
}
