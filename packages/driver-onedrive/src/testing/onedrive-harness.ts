import { type Control, type Harness, type Seed } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import type { OneDrive } from '../../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'
import definition from '../index.ts'

export const attempts = 3

/** Names as the vendor has them, for the suite is about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

type Service = Pick<OneDrive, 'routes' | 'tokenBlob'>

/** The driver, logged in as the user whose drive is the first. */
export const connectTo = (
  service: Service,
  options: Readonly<Record<string, unknown>> = {},
  context: OpenContext = {},
) =>
  openDriver(
    bare,
    { client_id: 'filegate', token: service.tokenBlob(), ...options },
    { fetch: vendorFetch(service.routes), retries: { attempts, firstDelay: 20 }, ...context },
  )

interface HarnessOptions {
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly control?: Control | undefined
  readonly siblings?: number | undefined
  readonly drive?: number | undefined
  readonly close: () => Promise<void>
}

/** Seeds a drive without asking the driver, and connects. */
export function oneDriveHarness(service: OneDrive, harness: HarnessOptions): Harness {
  const { control, options = {}, drive: place = 0 } = harness
  return {
    siblings: harness.siblings,
    seed: async (seeds) => {
      for (const seed of seeds) plant(service, service.drives[place]?.root ?? '', seed)
    },
    connect: () => connectTo(service, options),
    close: harness.close,
    control: control && { ...control, attempts },
  }
}

/** Puts a file or a folder there, and what is around it. @returns its id */
export function plant({ tree }: Pick<OneDrive, 'tree'>, root: string, seed: Seed): string {
  const names = seed.path.split('/')
  const last = names.pop() ?? ''
  let parent = root
  for (const name of names) {
    parent = tree.named(parent, name)[0]?.id ?? tree.addFolder({ name, parents: [parent] }).id
  }
  return seed.kind === 'file'
    ? tree.addFile({ name: last, parents: [parent], bytes: seed.bytes }).id
    : tree.addFolder({ name: last, parents: [parent] }).id
}
