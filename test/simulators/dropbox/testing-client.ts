import {
  Dropbox as Client,
  DropboxAuth,
  DropboxResponseError,
} from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { vendorFetch } from '../vendor-fetch.ts'
import type { Dropbox } from './start-dropbox.ts'

export { Client }

export interface ClientSetting {
  readonly accessToken?: string
  readonly selectUser?: string
  readonly selectAdmin?: string
  readonly pathRoot?: Readonly<Record<string, string>>
}

/** The vendor's client as it is published, logged in, its requests led to the simulator. */
export function clientOf(dropbox: Dropbox, setting: ClientSetting = {}): Client {
  const { accessToken = dropbox.issueToken().accessToken, pathRoot, ...select } = setting
  const fetch = vendorFetch(dropbox.routes)
  const auth = new DropboxAuth({ accessToken, fetch })
  return new Client({ auth, fetch, ...select, ...(pathRoot && { pathRoot: JSON.stringify(pathRoot) }) })
}

export interface Refusal {
  readonly status: number
  /** Without the dots at its end, which vary. */
  readonly summary: string | undefined
  readonly error: unknown
  readonly headers: Headers
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** What a call is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await call.then(
    () => new Error('The call succeeded.'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof DropboxResponseError)) throw error
  const { status, error: body, headers } = error
  const summary = member(body, 'error_summary')
  return {
    status,
    summary: typeof summary === 'string' ? summary.replace(/\/\.*$/, '') : undefined,
    error: typeof body === 'string' ? body : member(body, 'error'),
    headers: new Headers(headers),
  }
}

export const summaryOf = async (call: Promise<unknown>): Promise<string | undefined> => (await refusalOf(call)).summary

/** A request in no words but one's own. */
export interface RawRequest {
  readonly host?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

export function raw(dropbox: Dropbox, path: string, request: RawRequest = {}): Promise<Response> {
  const { host = 'api.dropboxapi.com', method = 'POST', headers = {}, body } = request
  return vendorFetch(dropbox.routes)(`https://${host}${path}`, { method, headers: { ...headers }, body: body ?? null })
}

/** What a download of the client holds. */
export const textOf = (result: object): string =>
  'fileBinary' in result && result.fileBinary instanceof Uint8Array ? Buffer.from(result.fileBinary).toString() : ''
