import {
  collectBytes,
  type DriverWith,
  type Entry,
  type ErrorCode,
  type ListOptions,
  type Page,
  type ReadOptions,
  type StorageDriver,
  StorageError,
  type StoragePath,
  streamBytes,
  type WriteOptions,
} from '@filegate/core'
import { expect } from 'vitest'

/** All entries behind a paged method. Gives up on a cursor that comes twice. */
export async function allPages<T extends Entry>(
  page: (options: ListOptions) => Promise<Page<T>>,
  limit?: number,
): Promise<T[]> {
  const items: T[] = []
  const seen = new Set<string>()
  let cursor: string | undefined
  do {
    const next = await page({ cursor, limit })
    if (limit !== undefined) expect(next.items.length).toBeLessThanOrEqual(limit)
    items.push(...next.items)
    cursor = next.cursor
    if (cursor === undefined) break
    expect(seen, 'a cursor came twice').not.toContain(cursor)
    seen.add(cursor)
  } while (seen.size < 10_000)
  return items
}

export const listAll = (driver: StorageDriver, path: StoragePath, limit?: number): Promise<Entry[]> =>
  allPages((options) => driver.list(path, options), limit)

export async function listNames(driver: StorageDriver, path: StoragePath): Promise<string[]> {
  return (await listAll(driver, path)).map(({ name }) => name).sort()
}

export async function readBytes(driver: StorageDriver, path: StoragePath, options?: ReadOptions): Promise<Uint8Array> {
  const { body } = await driver.read(path, options)
  return collectBytes(body)
}

export async function readText(driver: StorageDriver, path: StoragePath, options?: ReadOptions): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readBytes(driver, path, options))
}

export const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

/** Writes with the size announced, as a caller does who knows it. */
export async function writeBytes(
  driver: DriverWith<'write'>,
  path: StoragePath,
  content: string | Uint8Array,
  options: Omit<WriteOptions, 'body'> = {},
) {
  const bytes = bytesOf(content)
  return driver.write(path, { size: bytes.length, ...options, body: streamBytes(bytes) })
}

/** That `promise` rejects with a StorageError of that kind; a body that came instead is released. */
export async function expectRejection(
  promise: Promise<unknown>,
  ...codes: readonly ErrorCode[]
): Promise<StorageError> {
  const error: unknown = await promise.then(
    () => new Error(`resolved instead of rejecting with ${codes.join(' or ')}`),
    (reason: unknown) => reason,
  )
  if (!StorageError.is(error)) throw error
  expect(codes, `rejected with ${error.code}: ${error.message}`).toContain(error.code)
  return error
}

/** That `promise` rejects, with whatever error. */
export async function expectFailure(promise: Promise<unknown>): Promise<void> {
  const outcome = await promise.then(
    () => 'resolved',
    () => 'rejected',
  )
  expect(outcome).toBe('rejected')
}

/** Reads to the end and throws the bytes away. */
export async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let done = false
  while (!done) ({ done } = await reader.read())
}
