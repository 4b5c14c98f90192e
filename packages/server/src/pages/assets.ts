import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StorageError } from '@filegate/core'
import mime from 'mime'
import type { Settings } from '../settings.ts'

export interface Asset {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What our own pages load besides themselves. */
export interface Assets {
  /** Where they are served, without a trailing slash. It changes with any of them, so browsers may keep them for ever. */
  readonly base: string
  /** The icons, to stand inside each page: markup that is trusted. */
  readonly icons: string
  get(name: string): Asset | undefined
}

/** The first segment below the path prefix that belongs to us and hides a folder of this name. */
export const assetSegment = '__filegate__'

/** Every built-in asset can be replaced by a file of the same name in the folder of `--assets`; see assets/README.md. */
const builtIn = fileURLToPath(new URL('../../assets/', import.meta.url))
const documentation = 'README.md'
/** All assets are kept in memory. */
const mostBytes = 16 * 1024 * 1024

/** @throws StorageError when the folder of `--assets` cannot be used. */
export function loadAssets({ assets, pathPrefix }: Pick<Settings, 'assets' | 'pathPrefix'>): Assets {
  const files = new Map([...readFolder(builtIn), ...(assets === undefined ? [] : readFolder(assets))])
  const digest = createHash('sha256')
  let size = 0
  for (const [name, { bytes }] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    digest.update(`${name}\0${bytes.length}\0`).update(bytes)
    size += bytes.length
  }
  if (size > mostBytes) {
    throw new StorageError('TooLarge', `The files in the folder of --assets are larger than ${mostBytes} bytes in all.`)
  }
  return {
    base: `${pathPrefix}/${assetSegment}/${digest.digest('hex').slice(0, 12)}`,
    icons: new TextDecoder().decode(files.get('icons.svg')?.bytes),
    get: (name) => files.get(name),
  }
}

/** The regular files that stand directly in a folder; hidden ones are left out. */
function readFolder(folder: string): [string, Asset][] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && name !== documentation && isFile(join(folder, name)))
      .map((name) => [name, { type: typeOf(name), bytes: new Uint8Array(readFileSync(join(folder, name))) }])
  } catch (cause) {
    throw new StorageError('NotFound', `The folder of --assets cannot be read: ${folder}`, { cause })
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

function typeOf(name: string): string {
  const type = mime.getType(name) ?? 'application/octet-stream'
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}
