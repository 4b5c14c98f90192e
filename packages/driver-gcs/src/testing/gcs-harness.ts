import type { Control, Harness } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import definition from '../index.ts'

export const attempts = 3

/** The vendor's side, as a client that is not the driver's sees it. */
export interface GcsService {
  readonly endpoint: string
  readonly options: Readonly<Record<string, unknown>>
  makeBucket(name: string): Promise<void>
  put(bucket: string, key: string, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

interface HarnessOptions {
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /** What the driver connects to, where that is not the service itself. */
  readonly endpoint?: string | undefined
  readonly control?: Control | undefined
  readonly siblings?: number | undefined
}

/** Seeds a service with a client of its own, and connects the driver. The top directories are buckets. */
export function gcsHarness(service: GcsService, harness: HarnessOptions = {}): Harness {
  const { control, endpoint = service.endpoint } = harness
  return {
    siblings: harness.siblings,
    async seed(seeds) {
      const files = seeds.filter((seed) => seed.kind === 'file')
      const buckets = new Set(files.map(({ path }) => path.slice(0, path.indexOf('/'))))
      for (const name of [...buckets, 'scratch']) await service.makeBucket(name)
      const waiting = files.values()
      const lanes = Array.from({ length: 16 }, async () => {
        for (const { path, bytes } of waiting) {
          const slash = path.indexOf('/')
          await service.put(path.slice(0, slash), path.slice(slash + 1), bytes)
        }
      })
      await Promise.all(lanes)
    },
    connect: () =>
      connectTo({ endpoint, ...service.options, ...harness.options }, { retries: { attempts, firstDelay: 20 } }),
    close: () => service.close(),
    control: control && { ...control, attempts },
  }
}

/** Names as the vendor has them, for the suite is about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

export const connectTo = (options: Readonly<Record<string, unknown>>, context: OpenContext = {}) =>
  openDriver(bare, options, context)
