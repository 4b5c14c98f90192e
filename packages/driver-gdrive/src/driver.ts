import { type ConnectContext, fromTree, type StorageDriver, StorageError, type TreeSource } from '@filegate/core'
import { z } from 'zod'
import { changeTime, makeFolder, moveItem, removeItem } from './change.ts'
import { changesSince, hasFeed } from './changes.ts'
import { type Connection, everywhere } from './connection.ts'
import { copyItem } from './copy.ts'
import { acrossOf } from './copy-across.ts'
import { classify, isMissing } from './errors.ts'
import { hashOf, linkOf, quotaOf } from './facts-on-request.ts'
import { type DriveItem, itemOf } from './facts.ts'
import { isAppFolder } from './find-files.ts'
import { isLink } from './formats.ts'
import { childOf, childrenOf } from './list.ts'
import { logIn } from './login.ts'
import { openFile } from './open.ts'
import { metadataReader } from './metadata.ts'
import type { DriveOptions } from './options.ts'
import { folderType } from './query.ts'
import { requestPace } from './pace.ts'
import { nowhere, placesOf } from './places.ts'
import { type ResourceKeys, resourceKeys } from './resource-keys.ts'
import { fieldsOf, type Resource, resource } from './resource.ts'
import { revisionsOf } from './revisions.ts'
import { extensionsOf } from './shown-items.ts'
import { createVendor, type Vendor } from './vendor.ts'
import { walkOf } from './walk.ts'
import { createFile, updateFile } from './write.ts'

/** Connects to the drive and proves that it takes the login, by asking for the root. */
export async function connectDrive(options: DriveOptions, context: ConnectContext): Promise<StorageDriver> {
  const { log, signal } = context
  const vendor = createVendor(await import('@googleapis/drive'), {
    context,
    login: await logIn(options, context),
    stops: { upload: options.stop_on_upload_limit, download: options.stop_on_download_limit },
    pace: requestPace(options),
  })
  const keys = resourceKeys()
  keys.keep(options.root_folder_id, options.resource_key)
  const root = await rootOf({ vendor, keys, options }, signal)
  const fields = fieldsOf({
    owners: options.auth_owner_only || options.metadata_owner.read || options.metadata_owner.write,
    spaces: options.skip_checksum_gphotos,
    quota: options.size_as_quota,
    links: extensionsOf({ options }).some(isLink),
    exports: !options.skip_gdocs && !options.show_all_gdocs,
  })
  const rules = { root: root.id, drive: options.team_drive || undefined }
  const places = hasFeed({ options, root }) ? placesOf(rules) : nowhere
  return fromTree(sourceOf({ log, vendor, options, root, keys, places, fields, conversions: conversionsOf(vendor) }))
}

interface RootAsked {
  readonly vendor: Vendor
  readonly keys: ResourceKeys
  readonly options: DriveOptions
}

/** The folder that is shown as the root. @throws StorageError that names the option by which it is not found */
async function rootOf({ vendor, keys, options }: RootAsked, signal: AbortSignal | undefined): Promise<Resource> {
  const { root_folder_id: folder, team_drive: drive } = options
  const fileId = folder || drive || (isAppFolder(options) ? 'appDataFolder' : 'root')
  const asked = { headers: keys.headersFor([fileId]), ...(signal && { signal }) }
  try {
    const answer = await vendor.ask(vendor.api.files.get({ ...everywhere, fileId, fields: 'id,name,mimeType' }, asked))
    const found = resource.parse(answer)
    if (found.mimeType === folderType) return found
    throw new StorageError('InvalidArgument', `root_folder_id: ${fileId} is a file, and a folder is needed.`)
  } catch (error) {
    if (!isMissing(error)) throw error
    if (folder !== '') throw unknownRoot('root_folder_id', 'folder', folder, error)
    if (drive !== '') throw unknownRoot('team_drive', 'shared drive', drive, error)
    // Narrow scopes do not show the root itself, and yet what lies in it.
    return resource.parse({ id: fileId, mimeType: folderType })
  }
}

function unknownRoot(option: string, what: string, id: string, cause: unknown): StorageError {
  const message = `${option}: there is no ${what} '${id}', or the account may not see it. Check the id, or have it shared.`
  return new StorageError('NotFound', message, { cause })
}

const formats = z.record(z.string(), z.array(z.string())).default({})
const conversions = z.object({ exportFormats: formats, importFormats: formats })

/** Asked for when the first document shows up, and not again. */
function conversionsOf(vendor: Vendor): Connection['conversions'] {
  let known: ReturnType<Connection['conversions']> | undefined
  const ask = async () => {
    const answer = await vendor.ask(vendor.api.about.get({ fields: 'exportFormats,importFormats' }))
    const { exportFormats: exports, importFormats: imports } = conversions.parse(answer)
    return { exports, imports }
  }
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}

function sourceOf(connection: Connection): TreeSource<DriveItem> {
  const { options, root } = connection
  const keepsTimes = !options.use_created_date && !options.use_shared_date
  const changes: Partial<TreeSource<DriveItem>> = {
    create: (place, asked) => createFile(connection, place, asked),
    update: (item, asked) => updateFile(connection, item, asked),
    createDirectory: (place, asked) => makeFolder(connection, place, asked),
    move: (item, place, asked) => moveItem(connection, item, place, asked),
    copy: (item, place, asked) => copyItem(connection, item, place, asked),
    ...(options.server_side_across_configs && { across: acrossOf(connection) }),
    ...(keepsTimes && { setModified: (item, asked) => changeTime(connection, item, asked) }),
    publicLink: (item, asked) => linkOf(connection, item, asked),
  }
  return {
    provider: 'drive',
    traits: {
      ranges: 'native',
      directories: 'real',
      caseSensitive: true,
      hashes: ['md5', 'sha1', 'sha256'],
      ...(keepsTimes && { modifiedPrecision: 1 }),
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    classify,
    duplicates: true,
    newestFirst: true,
    root: itemOf(options, { ...root, name: '' }),
    children: (folder, asked) => childrenOf(connection, folder, asked),
    child: (place, asked) => childOf(connection, place, asked),
    walk: walkOf(connection),
    metadata: metadataReader(connection),
    open: (item, asked) => openFile(connection, item, asked),
    hash: (item, asked) => hashOf(connection, item, asked),
    revisions: (item, asked) => revisionsOf(connection, item, asked),
    remove: (item, asked) => removeItem(connection, item, asked),
    // What is in the trash stays as it is, until it is removed for good.
    ...(!options.trashed_only && changes),
    ...(hasFeed(connection) && { changes: (cursor, asked) => changesSince(connection, cursor, asked) }),
    // A shared drive has no quota.
    ...(options.team_drive === '' && { about: (asked) => quotaOf(connection, asked) }),
  }
}
