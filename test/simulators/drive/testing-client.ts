import {
  auth as googleAuth,
  drive as driveClient,
  type drive_v3,
} from '../../../packages/driver-gdrive/node_modules/@googleapis/drive/build/index.js'
import { vendorFetch } from '../vendor-fetch.ts'
import type { SimulatedDrive } from './start-drive.ts'

export type DriveClient = drive_v3.Drive

/** The vendor's own client, unmodified, with a `fetch` that finds the simulator. */
export function clientOf(drive: SimulatedDrive, token = drive.issueToken()): DriveClient {
  const transporterOptions = { fetchImplementation: vendorFetch(drive.routes) }
  const auth = new googleAuth.OAuth2({ clientId: 'c', clientSecret: 's', transporterOptions })
  auth.setCredentials({ access_token: token })
  return driveClient({ version: 'v3', auth })
}

/** What a call was refused with. */
export interface Refused {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly location: string | undefined
}

/** @throws when it was not refused */
export async function refusalOf(call: Promise<unknown>): Promise<Refused> {
  try {
    await call
  } catch (error) {
    const data: unknown = readPath(error, ['response', 'data'])
    const body: unknown = typeof data === 'string' ? JSON.parse(data) : data
    return {
      status: Number(readPath(error, ['response', 'status'])),
      reason: String(readPath(body, ['error', 'errors', '0', 'reason'])),
      message: String(readPath(body, ['error', 'errors', '0', 'message'])),
      location: textOf(readPath(body, ['error', 'errors', '0', 'location'])),
    }
  }
  throw new Error('The call was not refused.')
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  )
}
