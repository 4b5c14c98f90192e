import { type ShareClient, ShareServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-share'
import type { Control, Harness } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import { createHash } from 'node:crypto'
import definition from '../index.ts'

export interface FilesService {
  /** With the account in its path. */
  readonly endpoint: string
  readonly account: string
  readonly key: string
}

export const attempts = 3

/** A client that is not the driver's, to look at the vendor's side. */
export const independentClient = ({ endpoint, account, key }: FilesService): ShareServiceClient =>
  new ShareServiceClient(endpoint, new StorageSharedKeyCredential(account, key), { allowTrailingDot: true })

export interface FilesHarnessOptions {
  readonly share: string
  /** What the driver connects to, where that is not the service itself. */
  readonly endpoint?: string | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly control?: Control | undefined
  readonly siblings?: number | undefined
  close?(): Promise<void>
}

/** Seeds a share with a client of its own, and connects the driver. */
export function filesHarness(service: FilesService, harness: FilesHarnessOptions): Harness {
  const { share, control, endpoint = service.endpoint } = harness
  const client = independentClient(service).getShareClient(share)
  return {
    siblings: harness.siblings,
    async seed(seeds) {
      const made = new Map<string, Promise<unknown>>()
      const directory = (path: string): Promise<unknown> => {
        const known = path === '' ? Promise.resolve() : made.get(path)
        if (known) return known
        const parent = directory(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
        const making = parent.then(() => client.getDirectoryClient(path).createIfNotExists())
        made.set(path, making)
        return making
      }
      const waiting = seeds.values()
      const lanes = Array.from({ length: 16 }, async () => {
        for (const seed of waiting) {
          if (seed.kind === 'directory') await directory(seed.path)
          else await directory(seed.path.slice(0, Math.max(0, seed.path.lastIndexOf('/'))))
          if (seed.kind === 'file') await putFile(client, seed.path, seed.bytes)
        }
      })
      await Promise.all(lanes)
    },
    connect: () =>
      connectTo(
        { ...service, endpoint },
        { share_name: share, ...harness.options },
        {
          retries: { attempts, firstDelay: 20 },
        },
      ),
    close: async () => harness.close?.(),
    control: control && { ...control, attempts },
  }
}

export async function putFile(share: ShareClient, path: string, bytes: Uint8Array): Promise<void> {
  const file = share.rootDirectoryClient.getFileClient(path)
  const fileContentMD5 = createHash('md5').update(bytes).digest()
  await file.create(bytes.length, { fileHttpHeaders: { fileContentMD5 } })
  const chunk = 4 * 1024 * 1024
  for (let offset = 0; offset < bytes.length; offset += chunk) {
    const part = bytes.subarray(offset, offset + chunk)
    await file.uploadRange(part, offset, part.length)
  }
}

/** Names as the vendor has them, for the suite is about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

export const connectTo = (
  { endpoint, account, key }: FilesService,
  options: Readonly<Record<string, unknown>> = {},
  context: OpenContext = {},
) => openDriver(bare, { endpoint, account, key, ...options }, context)
