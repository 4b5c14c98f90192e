import { root, StorageError } from '@filegate/core'
import type { Connection } from './connection.ts'
import { classify, codeOf, statusOf } from './errors.ts'
import { segmentOf } from './segment.ts'

/** Milliseconds until a service counts as one that does not answer. */
const patience = 30_000

/**
 * Proves with one call that the service takes the login and has the share. A signature that may not list is good enough.
 * @throws StorageError that says in plain words what to look at
 */
export async function proveAccess(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  const within = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    await segmentOf(connection, root, { limit: 1, signal: within })
  } catch (cause) {
    if (signal?.aborted) throw cause
    if (deadline.aborted) {
      throw new StorageError('TimedOut', `The endpoint did not answer within ${patience / 1000} s.`, { cause })
    }
    if (mayGoOn(connection, cause)) {
      connection.log.warn('The signature is good, but it may not list.')
      return
    }
    throw explained(connection, cause)
  }
}

/** Rights on files only make a connection that can read what it knows the name of. */
const mayGoOn = ({ vendor }: Connection, error: unknown): boolean =>
  vendor.login.way.kind === 'sas' &&
  ['AuthorizationPermissionMismatch', 'AuthorizationResourceTypeMismatch'].includes(codeOf(error) ?? '')

type Sentence = (facts: { readonly share: string; readonly account: string; readonly way: string }) => string

const logins: Readonly<Record<string, string>> = {
  key: 'the key. Check account and key',
  sas: 'the signature of sas_url: it is wrong, is for something else or has expired',
  token: 'the token of the login. Check that tenant and account belong together',
  anonymous: 'a request without a login. Give a key, a signature or another login',
}
const refused: Sentence = ({ account, way }) => `The account '${account}' did not accept ${logins[way]}.`

/** What users are told instead of the general sentence, which knows neither share nor account. */
const sentences: Readonly<Record<string, Sentence>> = {
  ShareNotFound: ({ share, account }) => `The share '${share}' does not exist in the account '${account}'.`,
  ShareBeingDeleted: ({ share, account }) => `The share '${share}' of the account '${account}' is being deleted.`,
  AuthenticationFailed: refused,
  InvalidAuthenticationInfo: refused,
  NoAuthenticationInformation: refused,
  AuthorizationPermissionMismatch: ({ share, account }) =>
    `Could not access the share '${share}' of the account '${account}': the login is good, but has no right to files. It needs a role such as Storage File Data Privileged Reader.`,
  ENOTFOUND: ({ account }) =>
    `There is no storage account '${account}': its host does not exist. Check account and endpoint.`,
}

/** What answers so may be anything, also another service of the account. */
const foreign: ReadonlySet<string> = new Set([
  'PARSE_ERROR',
  'InvalidHeaderValue',
  'InvalidQueryParameterValue',
  'UnsupportedHeader',
  'UnsupportedHttpVerb',
  'UnsupportedQueryParameter',
])

function isOfAnother(error: unknown): boolean {
  // Errors of logins are no answers of the endpoint.
  if (!(error instanceof Error) || error.name !== 'RestError') return false
  const [code, status] = [codeOf(error), statusOf(error)]
  return code === undefined ? status !== undefined && status < 500 : foreign.has(code)
}

function explained({ vendor: { login, share } }: Connection, cause: unknown): unknown {
  const code = codeOf(cause)
  const sentence = code !== undefined && Object.hasOwn(sentences, code) ? sentences[code] : undefined
  const known = classify(cause)
  if (sentence && known) {
    const meaning = typeof known === 'string' ? { code: known } : known
    const facts = { share: share.name, account: login.account || new URL(login.url).host, way: login.way.kind }
    return new StorageError(meaning.code, sentence(facts), { fate: meaning.fate, cause })
  }
  if (!isOfAnother(cause) && !StorageError.is(cause, 'Unavailable')) return cause
  const message = 'The endpoint does not answer as Azure Files does. Check endpoint and account.'
  return new StorageError('InvalidArgument', message, { cause })
}
