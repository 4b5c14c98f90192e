import { StorageError } from '@filegate/core'

/**
 * Checks the address of a PostgreSQL database, `postgres://user:password@host:5432/name`. No message repeats it, as it holds a
 * password.
 */
export function parseDatabaseUrl(value: unknown): string {
  const url = typeof value === 'string' ? URL.parse(value) : null
  if (url && ['postgres:', 'postgresql:'].includes(url.protocol)) return url.href
  const message =
    'takes an address such as postgres://user:password@host:5432/name (write % / : @ in a password as %25 %2F %3A %40)'
  throw new StorageError('InvalidArgument', message)
}

/** The address without anything secret. */
export function describeDatabaseUrl(address: string): string {
  const { protocol, username, host, pathname } = new URL(address)
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`
}

/** What we ask of every session, in the form of the command line of PostgreSQL; a space in a value is escaped. */
const sessionOptions: Readonly<Record<string, string>> = {
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
  default_transaction_isolation: 'read\\ committed',
}

/** The address with the schema in which all unqualified names are looked up, beside what it says itself. */
export function addressWithin(address: string, schema: string): string {
  const url = new URL(address)
  const options = Object.entries({ ...sessionOptions, search_path: schema }).map(
    ([name, value]) => `-c ${name}=${value}`,
  )
  const own = url.searchParams.get('options')
  url.searchParams.set('options', [...(own === null ? [] : [own]), ...options].join(' '))
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', 'filegate')
  return url.href
}
