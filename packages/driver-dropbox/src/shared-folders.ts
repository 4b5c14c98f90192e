import {
  type Entry,
  joinPath,
  type ListOptions,
  notFound,
  type Operation,
  type Page,
  StorageError,
  type StoragePath,
  throwIfAborted,
} from '@filegate/core'
import { z } from 'zod'
import { until, type Places } from './connection.ts'
import { collect } from './collect.ts'
import { distinctNames } from './distinct-names.ts'
import { directoryEntry } from './entries.ts'
import { pageWithin } from './page-within.ts'
import { tagsOf } from './tags.ts'
import type { Vendor } from './vendor.ts'

/** Folders that the vendor gives in an answer at most. */
const largestPage = 1000
/** Milliseconds for which is remembered where a folder is mounted. */
const remembered = 60_000

const folder = z.object({
  name: z.string(),
  shared_folder_id: z.string(),
  /** Absent where it is not mounted. */
  path_lower: z.string().optional(),
})
type Folder = z.output<typeof folder>
const answer = z.object({ entries: z.array(folder), cursor: z.string().optional() })

export interface SharedFolders extends Places {
  list(options: ListOptions): Promise<Page<Entry>>
}

/** The shared folders of an account as the top of a storage. One that is gone into is mounted, as the vendor calls it. */
export function sharedFolders(vendor: Vendor, top: StoragePath): SharedFolders {
  const mounted = new Map<string, { readonly place: string; readonly until: number }>()

  let listed: ReadonlyMap<string, Folder> | undefined

  async function all({ signal }: Operation): Promise<ReadonlyMap<string, Folder>> {
    const { api } = vendor
    const folders = await collect(
      async () => answer.parse((await api.sharingListFolders({ limit: largestPage }, until(signal))).result),
      async (cursor) => answer.parse((await api.sharingListFoldersContinue({ cursor }, until(signal))).result),
    )
    return distinctNames(folders, ({ shared_folder_id: id }) => id)
  }

  async function placeOf(name: string, options: Operation): Promise<string | undefined> {
    const key = name.toLowerCase()
    const known = mounted.get(key)
    if (known && known.until > Date.now() && !options.fresh) return known.place
    const found = [...(await all(options))].find(([own]) => own.toLowerCase() === key)?.[1]
    if (!found) return undefined
    const place = found.path_lower ?? (await mount(vendor, found, options))
    mounted.set(key, { place, until: Date.now() + remembered })
    return place
  }

  async function of(path: StoragePath, options: Operation): Promise<string> {
    const [name = '', ...below] = path.split('/')
    const place = await placeOf(name, options)
    if (place === undefined) throw notFound(path)
    return [place, ...below].join('/')
  }
  return {
    of,
    async toChange(path, options) {
      if (path.includes('/')) return of(path, options)
      throw new StorageError(
        'AccessDenied',
        'The root holds the shared folders and nothing else: with shared_folders, nothing is made, moved or removed there.',
        { path },
      )
    },
    async list(options) {
      throwIfAborted(options.signal)
      // Further pages are of what the first one was a page of.
      listed = (options.cursor === undefined ? undefined : listed) ?? (await all(options))
      const { items, ...rest } = pageWithin([...listed.keys()], options)
      return { items: items.map((name) => directoryEntry(joinPath(top, name))), ...rest }
    },
  }
}

async function mount(vendor: Vendor, { shared_folder_id }: Folder, { signal }: Operation): Promise<string> {
  try {
    const { result } = await vendor.api.sharingMountFolder({ shared_folder_id }, until(signal))
    return placeIn(result)
  } catch (error) {
    if (tagsOf(error) !== 'already_mounted') throw error
  }
  // Somebody else did it just now, and it may stand anywhere under any name.
  const { result } = await vendor.api.sharingGetFolderMetadata({ shared_folder_id }, until(signal))
  return placeIn(result)
}

function placeIn(result: unknown): string {
  const { path_lower: place } = folder.parse(result)
  if (place !== undefined) return place
  throw new StorageError('Conflict', 'Dropbox has not mounted the shared folder. Try again.')
}
