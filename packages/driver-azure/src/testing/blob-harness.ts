import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  BlobServiceClient,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import type { Control, Harness } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import { azureblob } from '../index.ts'
import { account, key } from './azurite.ts'

/** A client that is not the driver's, to look at the vendor's side. */
export const independentClient = (url: string): BlobServiceClient =>
  new BlobServiceClient(url, new StorageSharedKeyCredential(account, key))

/** The query of a URL that may do all in the account, or what `permissions` say, for an hour. */
export const accountSignature = (permissions = 'rwdlacup'): string =>
  generateAccountSASQueryParameters(
    {
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions: AccountSASPermissions.parse(permissions),
      resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
      services: AccountSASServices.parse('b').toString(),
    },
    new StorageSharedKeyCredential(account, key),
  ).toString()

export interface BlobHarnessOptions {
  /** What the driver connects to, where that is not the service itself. */
  readonly endpoint?: string | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly control?: Control | undefined
  readonly siblings?: number | undefined
  close?(): Promise<void>
}

export const attempts = 3

/** Seeds a service with a client of its own, and connects the driver. */
export function blobHarness(url: string, harness: BlobHarnessOptions): Harness {
  const client = independentClient(url)
  return {
    siblings: harness.siblings,
    async seed(seeds) {
      const files = seeds.filter((seed) => seed.kind === 'file')
      const names = new Set(files.map(({ path }) => path.slice(0, path.indexOf('/'))))
      for (const name of names) await client.getContainerClient(name).createIfNotExists()
      const waiting = files.values()
      const lanes = Array.from({ length: 16 }, async () => {
        for (const { path, bytes } of waiting) {
          const slash = path.indexOf('/')
          const blob = client.getContainerClient(path.slice(0, slash)).getBlockBlobClient(path.slice(slash + 1))
          await blob.uploadData(bytes)
        }
      })
      await Promise.all(lanes)
    },
    connect: () => connectTo(harness.endpoint ?? url, harness.options, { retries: { attempts, firstDelay: 20 } }),
    close: async () => harness.close?.(),
    control: harness.control && { ...harness.control, attempts },
  }
}

/** Names as the vendor has them, for the suite is about the driver and not about how users see names. */
const bare = { ...azureblob, names: 'untouched' as const }

export const connectTo = (
  endpoint: string,
  options: Readonly<Record<string, unknown>> = {},
  context: OpenContext = {},
) => openDriver(bare, { account, key, endpoint, ...options }, context)
