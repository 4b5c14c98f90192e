import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'

/** Thumbnails by key, in memory and, where there is a folder for it, on disk. Keys are lower-case hexadecimal. */
export interface ThumbnailCache {
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Resolves once the thumbnail is kept as far as it can be. A disk that cannot be written is no reason to fail. */
  set(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
}

const mostInMemory = 24 * 1024 * 1024
const mostOnDisk = 256 * 1024 * 1024
/** When there is too much on disk, the oldest go until it is this much. */
const keptOnDisk = mostOnDisk * 0.8

export function createThumbnailCache(
  dataDirectory: string | undefined,
  limits = { mostOnDisk, keptOnDisk },
): ThumbnailCache {
  const memory = new LRUCache<string, Uint8Array<ArrayBuffer>>({
    maxSize: mostInMemory,
    sizeCalculation: (bytes) => bytes.byteLength + 200,
  })
  const disk = dataDirectory === undefined ? undefined : diskCache(join(dataDirectory, 'thumbnails'), limits)
  return {
    async get(key) {
      const known = memory.get(key) ?? (await disk?.get(key))
      if (known) memory.set(key, known)
      return known
    },
    async set(key, bytes) {
      memory.set(key, bytes)
      await disk?.set(key, bytes)
    },
  }
}

function diskCache(
  folder: string,
  limits: { readonly mostOnDisk: number; readonly keptOnDisk: number },
): ThumbnailCache {
  /** Bytes on disk as far as we know; found out with the first write. Several servers may share the folder. */
  let total: number | undefined
  return {
    async get(key) {
      const bytes = await readFile(join(folder, key)).catch(whenSystemRefuses)
      return bytes && new Uint8Array(bytes)
    },
    async set(key, bytes) {
      const temporary = join(folder, `.${randomUUID()}`)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(temporary, bytes, { mode: 0o600 })
        await rename(temporary, join(folder, key))
        total = total === undefined ? await measure(folder) : total + bytes.length
        if (total > limits.mostOnDisk) total = await prune(folder, limits.keptOnDisk)
      } catch (error) {
        whenSystemRefuses(error)
        await rm(temporary, { force: true }).catch(whenSystemRefuses)
      }
    },
  }
}

interface Kept {
  readonly file: string
  readonly size: number
  readonly modified: number
}

async function kept(folder: string): Promise<Kept[]> {
  const found: Kept[] = []
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    const stats = await stat(file).catch(whenSystemRefuses)
    if (stats) found.push({ file, size: stats.size, modified: stats.mtimeMs })
  }
  return found
}

async function measure(folder: string): Promise<number> {
  return (await kept(folder)).reduce((sum, { size }) => sum + size, 0)
}

/** Removes the oldest until `most` bytes are left; tells how many are. */
async function prune(folder: string, most: number): Promise<number> {
  const files = (await kept(folder)).sort((one, other) => one.modified - other.modified)
  let total = files.reduce((sum, { size }) => sum + size, 0)
  for (const { file, size } of files) {
    if (total <= most) break
    await rm(file, { force: true })
    total -= size
  }
  return total
}

/** What the file system refuses (no such file, no space, no right) only means that nothing is kept; a mistake of ours throws. */
function whenSystemRefuses(error: unknown): undefined {
  if (error instanceof Error && 'code' in error) return undefined
  throw error
}
