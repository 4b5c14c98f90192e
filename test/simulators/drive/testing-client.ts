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

/** The answer of a call: one that may also take a callback, and passes for no promise where types are half known. */
export async function answerOf<Answer>(call: Promise<Answer>): Promise<Answer> {
  return call
}

/** Creates a file with bytes. @param fields that are shown of it */
export async function upload(
  client: DriveClient,
  metadata: drive_v3.Schema$File,
  body: string,
  more: Readonly<Record<string, string | boolean>> = {},
): Promise<drive_v3.Schema$File> {
  const media = { mimeType: metadata.mimeType ?? 'text/plain', body }
  const created: { readonly data: drive_v3.Schema$File } = await Promise.resolve(
    client.files.create({ requestBody: metadata, media, fields: 'id', ...more }),
  )
  return created.data
}

/** Sends a request as it is, to hosts of the vendor. */
export async function send(
  drive: SimulatedDrive,
  url: string,
  init: RequestInit & { readonly token?: string | undefined } = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly bytes: Buffer; readonly json: unknown }> {
  const { token = drive.issueToken(), ...rest } = init
  const headers = new Headers(rest.headers)
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  const response = await vendorFetch(drive.routes)(new URL(url, 'https://www.googleapis.com').href, {
    ...rest,
    headers,
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  const json: unknown = isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : undefined
  return { status: response.status, headers: response.headers, bytes, json }
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
