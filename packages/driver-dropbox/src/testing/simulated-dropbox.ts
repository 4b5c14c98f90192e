import { type Clock, type ConnectContext, openDriver, type OpenContext, type StorageDriver } from '@filegate/core'
import { type Dropbox, type DropboxOptions, startDropbox } from '../../../../test/simulators/dropbox/start-dropbox.ts'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'
import { connectDropbox } from '../driver.ts'
import definition from '../index.ts'
import type { DropboxOptions as DriverOptions } from '../options.ts'

export interface TestContext extends OpenContext {
  /** Of the pauses in the driver itself. */
  readonly driverClock?: Clock | undefined
}

export interface SimulatedDropbox extends Dropbox {
  /** What reaches the simulator only. */
  readonly fetch: typeof globalThis.fetch
  /** With a token of the first account, unless the options say otherwise. */
  connect(options?: Readonly<Record<string, unknown>>, context?: TestContext): Promise<StorageDriver>
}

export async function startSimulatedDropbox(options?: DropboxOptions): Promise<SimulatedDropbox> {
  const simulator = await startDropbox(options)
  const fetch = vendorFetch(simulator.routes)
  const { key: client_id, secret: client_secret } = simulator.app
  return {
    ...simulator,
    fetch,
    connect: (given = {}, { driverClock, ...context } = {}) => {
      const login = 'token' in given ? {} : { token: simulator.issueToken().blob, client_id, client_secret }
      const connectIn = (parsed: DriverOptions, within: ConnectContext) => connectDropbox(parsed, within, driverClock)
      return openDriver(
        { ...bare, connect: connectIn },
        { ...login, ...given },
        { fetch, retries: { attempts: 1 }, ...context },
      )
    },
  }
}

/** Names as the vendor has them, for tests are about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }
