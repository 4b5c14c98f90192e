import { createArchiveServices } from './archive/archive-services.ts'
import type { ArchiveServices } from './archive/open-archive.ts'
import { createPackPool } from './archive/zip/pack-pool.ts'
import type { PackPool } from './archive/zip/pack-jobs.ts'
import { createBodyCache, type BodyCache } from './bodies/body-cache.ts'
import { LRUCache } from 'lru-cache'
import { createDigests, type Digests } from './digests/digests.ts'
import { createCursorKey } from './listing/cursor-key.ts'
import { createLargeFolders, type LargeFolders } from './listing/large-folders.ts'
import { createDocuments, type Documents } from './markdown/documents.ts'
import { type Assets, loadAssets } from './pages/assets.ts'
import { createSearchServices, type SearchServices } from './search/search-services.ts'
import type { Settings } from './settings.ts'
import type { SecretKey } from './state/secret-key.ts'
import { createThumbnailer, type Thumbnailer } from './thumbnails/thumbnailer.ts'
import { type Comparer, createComparer } from './text/diff/comparer.ts'
import { createSharedLines, type SharedLines } from './text/lines-shared.ts'

/** What lives as long as the server and is shared by all requests: caches, limits, worker pools. */
export interface Services {
  /** Small files with their headers, valid as long as the file's etag is. */
  readonly bodies: BodyCache
  /** Media types that took a look into the file, by path, with the etag of the file they were found in. */
  readonly types: LRUCache<string, { readonly etag: string; readonly type: string }>
  readonly digests: Digests
  readonly lines: SharedLines
  /** Threads that read and deflate what goes into archives. */
  readonly packers: PackPool
  readonly archives: ArchiveServices
  readonly largeFolders: LargeFolders
  /** Seals what a storage gives to go on with, for callers who may not see all of it. Read on first use. */
  readonly cursorKey: () => SecretKey
  /** Markdown and legacy character sets, for the view page. */
  readonly documents: Documents
  /** For `diff`. */
  readonly comparer: Comparer
  readonly search: SearchServices
  readonly thumbnails: Thumbnailer
  /** Styles, scripts and icons of our own pages. */
  readonly assets: Assets
  close(): Promise<void>
}

export function createServices(settings: Settings): Services {
  const lines = createSharedLines()
  const packers = createPackPool()
  const largeFolders = createLargeFolders()
  const documents = createDocuments()
  const comparer = createComparer()
  const search = createSearchServices()
  const thumbnails = createThumbnailer(settings.dataDirectory)
  return {
    bodies: createBodyCache(),
    types: new LRUCache({ max: 10_000 }),
    digests: createDigests(),
    lines,
    packers,
    archives: createArchiveServices(),
    largeFolders,
    cursorKey: createCursorKey(settings),
    documents,
    comparer,
    search,
    thumbnails,
    assets: loadAssets(settings),
    close: async () => {
      documents.close()
      comparer.close()
      thumbnails.close()
      await Promise.all([lines.close(), packers.close(), largeFolders.close(), search.close()])
    },
  }
}
