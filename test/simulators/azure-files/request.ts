import type { IncomingMessage } from 'node:http'
import { decodeUri } from './names.ts'
import { invalidHeader, invalidQuery, missingHeader, ServiceError } from './service-error.ts'

/** A request to the service, taken apart. */
export interface ServiceRequest {
  readonly method: string
  /** As it came, encoded, without the query. */
  readonly rawPath: string
  /** Path inside the account, decoded: `share/directory/file`. */
  readonly path: string
  /** By name in lower case, decoded; several values of one name in the order they came. */
  readonly query: ReadonlyMap<string, readonly string[]>
  readonly incoming: IncomingMessage
  /** The value of x-ms-version, or with a shared access signature the version of that. */
  readonly version: string
  readonly secure: boolean
  header(name: string): string | undefined
  parameter(name: string): string | undefined
}

const versionFormat = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/
const oldestVersion = '2014-02-14'

/**
 * @param account a path that starts with its name is taken as emulators and SDKs have it (`http://127.0.0.1:PORT/ACCOUNT/SHARE`),
 *   any other as with a name of its own for the account (`https://ACCOUNT.file.core.windows.net/SHARE`)
 */
export function readRequest(incoming: IncomingMessage, account: string, secure: boolean): ServiceRequest {
  const [rawPath = '/', rawQuery = ''] = (incoming.url ?? '/').split(/\?(.*)/s)
  const query = parseQuery(rawQuery)
  const decoded = decodeUri(rawPath).replace(/^\//, '')
  const path =
    decoded === account ? '' : decoded.startsWith(`${account}/`) ? decoded.slice(account.length + 1) : decoded
  const header = (name: string): string | undefined => {
    const value = incoming.headers[name]
    return Array.isArray(value) ? value.join(',') : value
  }
  const parameter = (name: string): string | undefined => query.get(name)?.at(0)
  const version = versionOf(header('x-ms-version'), parameter('sv'))
  return { method: incoming.method ?? 'GET', rawPath, path, query, incoming, version, secure, header, parameter }
}

function versionOf(asked: string | undefined, signed: string | undefined): string {
  const version = asked ?? signed
  if (version === undefined) throw missingHeader('x-ms-version')
  if (!versionFormat.test(version) || version < oldestVersion) throw invalidHeader('x-ms-version', version)
  return version
}

function parseQuery(raw: string): Map<string, string[]> {
  const query = new Map<string, string[]>()
  for (const pair of raw.split('&').filter(Boolean)) {
    const [key = '', value = ''] = pair.split(/=(.*)/s)
    const name = decodeUri(key).toLowerCase()
    query.set(name, [...(query.get(name) ?? []), decodeUri(value)])
  }
  return query
}

export function requiredHeader(request: ServiceRequest, name: string): string {
  const value = request.header(name)
  if (value === undefined || value === '') throw missingHeader(name)
  return value
}

/** A header that counts bytes. */
export function sizeHeader(request: ServiceRequest, name: string): number | undefined {
  const value = request.header(name)
  if (value === undefined) return undefined
  const size = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(size)) throw invalidHeader(name, value)
  return size
}

export function booleanHeader(request: ServiceRequest, name: string): boolean {
  const value = request.header(name)
  if (value === undefined) return false
  if (!/^(?:true|false)$/i.test(value)) throw invalidHeader(name, value)
  return value.toLowerCase() === 'true'
}

export function numberParameter(request: ServiceRequest, name: string): number | undefined {
  const value = request.parameter(name)
  if (value === undefined) return undefined
  if (!/^-?\d+$/.test(value)) throw invalidQuery(name, value)
  return Number(value)
}

/** A header such as x-ms-range: `bytes=0-499`, or `bytes=500-` for everything after. */
export function rangeHeader(
  request: ServiceRequest,
): { readonly start: number; readonly last: number | undefined } | undefined {
  const name = request.header('x-ms-range') === undefined ? 'range' : 'x-ms-range'
  const value = request.header(name)
  if (value === undefined) return undefined
  const [, start, last = ''] = /^bytes=(\d+)-(\d*)$/.exec(value) ?? []
  if (start === undefined || (last !== '' && Number(last) < Number(start))) throw invalidHeader(name, value)
  return { start: Number(start), last: last === '' ? undefined : Number(last) }
}

/** The whole body, no longer than `limit`. */
export async function readBody(request: ServiceRequest, limit: number): Promise<Buffer> {
  if (request.header('content-length') === undefined) throw new ServiceError('MissingContentLengthHeader')
  const announced = sizeHeader(request, 'content-length') ?? 0
  if (announced > limit) throw new ServiceError('RequestBodyTooLarge', { MaxLimit: String(limit) })
  const chunks: Buffer[] = []
  for await (const chunk of request.incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const metadataPrefix = 'x-ms-meta-'
// Names follow the rules for C# identifiers.
const metadataName = /^[\p{L}_][\p{L}\p{N}_]*$/u

export function metadataOf(request: ServiceRequest): Record<string, string> | undefined {
  const given = Object.keys(request.incoming.headers).filter((name) => name.startsWith(metadataPrefix))
  if (given.length === 0) return undefined
  return Object.fromEntries(
    given.map((header) => {
      const name = header.slice(metadataPrefix.length)
      if (!metadataName.test(name)) throw new ServiceError('InvalidMetadata')
      return [name, request.header(header) ?? '']
    }),
  )
}
