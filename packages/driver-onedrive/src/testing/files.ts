import { collectBytes, parsePath, type StorageDriver, streamBytes, type WriteOptions } from '@filegate/core'
import type { OneDrive } from '../../../../test/simulators/onedrive/start-onedrive.ts'
import { currentRevision, type Item } from '../../../../test/simulators/cloud-tree/item.ts'
import { plant } from './onedrive-harness.ts'

/** A file of the first drive, made by somebody else. @returns its id */
export const put = (service: OneDrive, path: string, content = 'content', drive = 0): string =>
  plant(service, service.drives[drive]?.root ?? '', {
    kind: 'file',
    path: parsePath(path),
    bytes: Buffer.from(content),
  })

/** What the service has at a path of the first drive. */
export const itemAt = ({ tree, drives }: OneDrive, path: string, drive = 0): Item | undefined =>
  tree.at(drives[drive]?.root ?? '', path.split('/'))

export const contentAt = (service: OneDrive, path: string, drive = 0): string | undefined => {
  const item = itemAt(service, path, drive)
  return item && Buffer.from(currentRevision(item)?.bytes ?? []).toString()
}

/** How often the service did something. */
export const countOf = ({ requests }: OneDrive, operation: string): number =>
  requests.filter((request) => request.operation === operation).length

export const operations = ({ requests }: OneDrive): string[] => requests.map(({ operation }) => operation)

/** What a parameter was in each request of that kind. */
export const asked = ({ requests }: OneDrive, operation: string, parameter: string): (string | null)[] =>
  requests
    .filter((request) => request.operation === operation)
    .map(({ url }) => new URL(url).searchParams.get(parameter))

export const read = async (driver: StorageDriver, path: string): Promise<string> =>
  Buffer.from(await collectBytes((await driver.read(parsePath(path))).body)).toString()

export const text = (content: string): ReadableStream<Uint8Array> => streamBytes(Buffer.from(content))

export const write = (
  driver: Required<Pick<StorageDriver, 'write'>>,
  path: string,
  content: string,
  options: Omit<WriteOptions, 'body'> = {},
) => driver.write(parsePath(path), { body: text(content), ...options })
