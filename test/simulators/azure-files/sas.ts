import type { Operation } from './operations.ts'
import type { ServiceRequest } from './request.ts'
import { ServiceError } from './service-error.ts'
import { isSame, refusal, signText } from './shared-key.ts'

// Sources: Create an account SAS; Create a service SAS (REST reference of Azure Storage).

/** The parameters of a shared access signature, from the query of a request or of a copy's source. */
export interface Signature {
  parameter(name: string): string | undefined
}

export interface Signer {
  readonly account: string
  readonly key: string
}

/** What the signature is to be good for. */
export interface Wish {
  readonly operation: Pick<Operation, 'permissions' | 'resourceType' | 'level'>
  readonly share: string | undefined
  /** Inside the share, as asked for. */
  readonly path: string
}

export function checkSignature(signature: Signature, signer: Signer, wish: Wish, request: ServiceRequest): void {
  const text =
    signature.parameter('ss') === undefined ? serviceText(signature, signer, wish) : accountText(signature, signer)
  if (!isSame(signature.parameter('sig') ?? '', signText(signer.key, text)))
    throw refusal(`Signature did not match. String to sign used was ${text}`)
  checkTime(signature)
  checkCaller(signature, request)
  checkScope(signature, wish)
}

const value = (signature: Signature, name: string): string => signature.parameter(name) ?? ''

function accountText(signature: Signature, { account }: Signer): string {
  const fields = ['sp', 'ss', 'srt', 'st', 'se', 'sip', 'spr', 'sv']
  // The scope of encryption is part of the text since this version.
  if (value(signature, 'sv') >= '2020-12-06') fields.push('ses')
  return [account, ...fields.map((name) => value(signature, name)), ''].join('\n')
}

function serviceText(signature: Signature, { account }: Signer, { share, path }: Wish): string {
  const kind = value(signature, 'sr')
  if (share === undefined || (kind !== 's' && kind !== 'f'))
    throw refusal(`The signed resource '${kind}' is not valid here.`)
  const resource = `/file/${account}/${share}${kind === 'f' ? `/${path}` : ''}`
  const first = ['sp', 'st', 'se'].map((name) => value(signature, name))
  const rest = ['si', 'sip', 'spr', 'sv', 'rscc', 'rscd', 'rsce', 'rscl', 'rsct'].map((name) => value(signature, name))
  return [...first, resource, ...rest].join('\n')
}

function checkTime(signature: Signature): void {
  const [start, expiry] = [value(signature, 'st'), value(signature, 'se')]
  const current = Date.now()
  const begun = start === '' || Date.parse(start) <= current
  if (begun && Date.parse(expiry) > current) return
  const times = `Start [${start}] - Expiry [${expiry}] - Current [${new Date(current).toUTCString()}]`
  throw refusal(`Signature not valid in the specified time frame: ${times}`)
}

function checkCaller(signature: Signature, request: ServiceRequest): void {
  if (!request.secure && signature.parameter('spr') === 'https') throw new ServiceError('AuthorizationProtocolMismatch')
  const allowed = signature.parameter('sip')
  const address = (request.incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  if (allowed !== undefined && !isWithin(address, allowed))
    throw new ServiceError('AuthorizationSourceIPMismatch', { SourceIP: address })
}

/** @param range one address, or two with a hyphen between them */
function isWithin(address: string, range: string): boolean {
  const [first = '', last = first] = range.split('-')
  const number = numberOf(address)
  return numberOf(first) <= number && number <= numberOf(last)
}

const numberOf = (address: string): number =>
  address.split('.').reduce((number, part) => number * 256 + Number(part), 0)

function checkScope(signature: Signature, { operation }: Wish): void {
  const services = signature.parameter('ss')
  if (services !== undefined && !services.includes('f')) throw new ServiceError('AuthorizationServiceMismatch')
  const types = signature.parameter('srt')
  // What concerns a share as a whole takes the signature of an account.
  if (types === undefined && operation.level !== 'entry') throw new ServiceError('AuthorizationFailure')
  if (types !== undefined && !types.includes(operation.resourceType))
    throw new ServiceError('AuthorizationResourceTypeMismatch')
  const granted = value(signature, 'sp')
  if (!operation.permissions.split('').some((permission) => granted.includes(permission)))
    throw new ServiceError('AuthorizationPermissionMismatch')
}
