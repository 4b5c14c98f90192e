import { StorageError } from '@filegate/core'
import { classifyLogin } from '../credentials/errors.ts'
import { type Connection, until } from './connection.ts'
import { nameOf, statusOf } from './errors.ts'

/** Milliseconds until a service counts as one that does not answer. */
const patience = 30_000

/** What a login is told that is good but may not do what is asked for the proof. */
const goodEnough: ReadonlySet<unknown> = new Set([
  'AuthorizationPermissionMismatch',
  'AuthorizationResourceTypeMismatch',
  'InsufficientAccountPermissions',
])

/**
 * Proves with one call that the service takes the login. One that may not list is good enough.
 * @throws StorageError that says in plain words what to look at
 */
export async function proveAccess(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  const within = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    await ask(connection, within)
  } catch (error) {
    if (deadline.aborted && !signal?.aborted) {
      throw new StorageError('TimedOut', `The service did not answer within ${patience / 1000} s.`, { cause: error })
    }
    const problem = problemOf(connection, error)
    if (problem) throw problem
    connection.log.warn('The login is good, but it may not list.')
  }
}

async function ask({ vendor }: Connection, signal: AbortSignal): Promise<void> {
  const page = { maxPageSize: 1 }
  const { container } = vendor.login
  const { value } =
    container === undefined
      ? await vendor.service.listContainers(until(signal)).byPage(page).next()
      : await vendor.container(container).listBlobsFlat(until(signal)).byPage(page).next()
  if (!value?.serviceEndpoint) throw notBlob()
}

const notBlob = (cause?: unknown): StorageError =>
  new StorageError('InvalidArgument', 'The endpoint does not answer as Azure Blob Storage does. Check endpoint.', {
    cause,
  })

/** What is wrong with the connection; `undefined` where only the proof was refused. */
function problemOf({ vendor: { login } }: Connection, error: unknown): unknown {
  const { account, container, url, way } = login
  const name = nameOf(error)
  const status = statusOf(error)
  const named = (code: 'NotFound' | 'Unauthenticated', message: string) =>
    new StorageError(code, message, { cause: error })
  if (classifyLogin(error)) return error
  // Nobody may list an account without a login, however public what is in it.
  if (way.kind === 'anonymous' && isAnswer(error) && status !== undefined && unlisted.has(status)) return undefined
  if (name === 'ContainerNotFound')
    return named('NotFound', `There is no container '${container}' in the account '${account}'.`)
  if (name === 'AuthenticationFailed' || name === 'AuthorizationFailure')
    return named('Unauthenticated', refusals[way.kind](account))
  if (goodEnough.has(name)) return undefined
  if (status === 404 && isAnswer(error)) {
    return named('NotFound', `There is no storage account '${account}' at ${new URL(url).host}.`)
  }
  if (codeOf(error) === 'ENOTFOUND') {
    return named('NotFound', `There is no storage account '${account}': the host ${new URL(url).hostname} is unknown.`)
  }
  if (name !== undefined || status === undefined || status >= 500 || status === 429) {
    return codeOf(error) === 'PARSE_ERROR' ? notBlob(error) : error
  }
  return notBlob(error)
}

const refusals: Readonly<Record<Connection['vendor']['login']['way']['kind'], (account: string) => string>> = {
  key: (account) =>
    `The key is not one of the account '${account}', or its firewall forbids this network, or the clock here is wrong.`,
  sas: () => 'Azure does not accept the signature of sas_url: it is wrong, has expired or is not for this network.',
  token: (account) =>
    `The account '${account}' does not accept the token, or its firewall forbids this network. Check tenant.`,
  anonymous: (account) => `The account '${account}' lets nobody in without a login.`,
}

const unlisted: ReadonlySet<number> = new Set([401, 403, 404, 409])

/** Whether it is an answer of the service, or of something that stands in its place. */
function isAnswer(error: unknown): boolean {
  const headers = memberOf(memberOf(error, 'response'), 'headers')
  const get = memberOf(headers, 'get')
  return typeof get === 'function' && Boolean(Reflect.apply(get, headers, ['x-ms-request-id']))
}

const codeOf = (error: unknown): unknown => memberOf(error, 'code')

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
