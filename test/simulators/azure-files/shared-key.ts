import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ServiceRequest } from './request.ts'
import { ServiceError } from './service-error.ts'

// Source: Authorize with Shared Key (REST reference of Azure Storage), for versions since 2015-02-21.
const standardHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const

/** The hash-based code of a text, with the key of the account, in Base64. */
export const signText = (key: string, text: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64')

export function isSame(given: string, computed: string): boolean {
  const [first, second] = [Buffer.from(given), Buffer.from(computed)]
  return first.length === second.length && timingSafeEqual(first, second)
}

type Signed = Pick<ServiceRequest, 'method' | 'rawPath' | 'query' | 'header'> & {
  readonly headerNames: readonly string[]
}
type Ordering = (first: string, second: string) => number

const byCode: Ordering = (first, second) => (first < second ? -1 : first > second ? 1 : 0)
// "Lexicographically" means for the service, and so for its own SDKs, the order of .NET's cultures: hyphens count last.
const byCulture: Ordering = (first, second) =>
  byCode(first.replaceAll('-', ''), second.replaceAll('-', '')) || byCode(first, second)

export function stringToSign(request: Signed, account: string, ordering: Ordering = byCode): string {
  const standard = standardHeaders.map((name) => {
    const value = request.header(name) ?? ''
    // The date of x-ms-date stands for that of Date, and no body for a body of no length.
    if (name === 'date' && request.header('x-ms-date') !== undefined) return ''
    return name === 'content-length' && value === '0' ? '' : value
  })
  const lines = [request.method, ...standard, ...canonicalHeaders(request, ordering)]
  return [...lines, canonicalResource(request, account)].join('\n')
}

export function liteStringToSign(request: Signed, account: string, ordering: Ordering = byCode): string {
  const value = (name: string) => request.header(name) ?? ''
  const date = request.header('x-ms-date') === undefined ? value('date') : ''
  const component = request.query.get('comp')?.at(0)
  const resource = `/${account}${request.rawPath}${component === undefined ? '' : `?comp=${component}`}`
  const standard = [request.method, value('content-md5'), value('content-type'), date]
  return [...standard, ...canonicalHeaders(request, ordering), resource].join('\n')
}

const canonicalHeaders = (request: Signed, ordering: Ordering): string[] =>
  request.headerNames
    .filter((name) => name.startsWith('x-ms-'))
    .sort(ordering)
    .map((name) => `${name}:${(request.header(name) ?? '').replaceAll(/\s+/g, ' ').trim()}`)

function canonicalResource(request: Signed, account: string): string {
  const parameters = [...request.query].sort(([first], [second]) => byCode(first, second))
  const lines = parameters.map(([name, values]) => `${name}:${[...values].sort(byCode).join(',')}`)
  return [`/${account}${request.rawPath}`, ...lines].join('\n')
}

const schemes = { SharedKey: stringToSign, SharedKeyLite: liteStringToSign } as const
const longestAge = 15 * 60_000

/** @param authorization value of the header, `SharedKey account:signature` or `SharedKeyLite account:signature` */
export function checkSharedKey(request: ServiceRequest, authorization: string, account: string, key: string): void {
  const [, scheme, name, signature] = /^(SharedKey|SharedKeyLite) ([^:]+):(.+)$/.exec(authorization) ?? []
  if (scheme !== 'SharedKey' && scheme !== 'SharedKeyLite')
    throw refusal('The Authorization header is not in the form SharedKey account:signature.')
  if (name !== account) throw refusal(`The account ${name} does not exist here.`)
  checkDate(request)
  const signed: Signed = { ...request, headerNames: Object.keys(request.incoming.headers) }
  const text = schemes[scheme](signed, account, byCode)
  const accepted = [text, schemes[scheme](signed, account, byCulture)]
  if (accepted.some((each) => isSame(signature ?? '', signText(key, each)))) return
  throw refusal(
    `The MAC signature found in the HTTP request '${signature}' is not the same as any computed signature. Server used following string to sign: '${text}'.`,
  )
}

function checkDate(request: ServiceRequest): void {
  const date = request.header('x-ms-date') ?? request.header('date') ?? ''
  const age = Math.abs(Date.now() - Date.parse(date))
  if (!(age <= longestAge)) throw refusal(`The Date header in the request is incorrect: '${date}'.`)
}

export const refusal = (detail: string): ServiceError =>
  new ServiceError('AuthenticationFailed', { AuthenticationErrorDetail: detail })
