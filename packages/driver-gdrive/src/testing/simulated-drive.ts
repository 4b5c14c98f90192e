import { openDriver, type OpenContext, type StorageDriver } from '@filegate/core'
import { type SimulatedDrive, startDrive } from '../../../../test/simulators/drive/start-drive.ts'
import { vendorFetch } from '../../../../test/simulators/vendor-fetch.ts'
import definition from '../index.ts'

export interface DriveService {
  readonly drive: SimulatedDrive
  /** A token that does everything, as an option. */
  readonly token: string
  connect(options?: Readonly<Record<string, unknown>>, context?: OpenContext): Promise<StorageDriver>
  close(): Promise<void>
}

/** Names as the vendor has them, for the tests are about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

/** A simulated drive, and the way to connect to it. */
export async function startDriveService(options: Parameters<typeof startDrive>[0] = {}): Promise<DriveService> {
  const drive = await startDrive(options)
  const token = JSON.stringify({ access_token: drive.issueToken() })
  // The keys of service accounts name the token endpoint itself.
  const fetch = vendorFetch({ ...drive.routes, '127.0.0.1': drive.tokens.endpoint })
  return {
    drive,
    token,
    connect: (given = {}, context = {}) =>
      openDriver(
        bare,
        { pacer_burst: 1_000_000, ...(needsToken(given) && { token }), ...given },
        { fetch, retries: { attempts: 1 }, ...context },
      ),
    close: () => drive.close(),
  }
}

const needsToken = (given: Readonly<Record<string, unknown>>): boolean =>
  !['service_account_credentials', 'service_account_file', 'env_auth', 'client_credentials'].some(
    (name) => name in given,
  )
