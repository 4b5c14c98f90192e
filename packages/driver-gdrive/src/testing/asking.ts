import {
  collectBytes,
  pages,
  parsePath,
  type ReadOptions,
  type StorageDriver,
  streamBytes,
  type WriteOptions,
} from '@filegate/core'
import type { SimulatedDrive } from '../../../../test/simulators/drive/start-drive.ts'

/** What a folder shows, sorted. */
export async function names(driver: StorageDriver, path = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of pages((page) => driver.list(parsePath(path), page))) found.push(name)
  return found.sort()
}

export async function textAt(driver: StorageDriver, path: string, options: ReadOptions = {}): Promise<string> {
  return Buffer.from(await collectBytes((await driver.read(parsePath(path), options)).body)).toString()
}

export async function put(
  driver: StorageDriver,
  path: string,
  content: string | Uint8Array = 'content',
  options: Partial<WriteOptions> = {},
) {
  if (!driver.write) throw new Error('The driver does not write.')
  return driver.write(parsePath(path), { body: streamBytes(Buffer.from(content)), ...options })
}

/** Everything below a folder, sorted. */
export async function walked(driver: StorageDriver, path = '', limit?: number): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await driver.walk?.(parsePath(path), { cursor, limit })
    if (limit !== undefined && (page?.items.length ?? 0) > limit) throw new Error('The page is too long.')
    found.push(...(page?.items ?? []).map((entry) => entry.path))
    cursor = page?.cursor
  } while (cursor !== undefined)
  return found.sort()
}

/** What a parameter was in each request of a call. */
export const told = ({ requests }: SimulatedDrive, call: string, parameter: string): (string | null)[] =>
  requests.filter((request) => request.call === call).map(({ query }) => query.get(parameter))
