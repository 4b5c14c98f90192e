import { type DriverDefinition, StorageError } from '@filegate/core'
import { describeOptions, problemsOf } from '@filegate/core/options'
import type { GivenOptions } from './backend-store.ts'

/** @throws StorageError `InvalidArgument` naming every problem as `field: what is wrong` */
export function checkOptions({ options: schema }: DriverDefinition, options: GivenOptions): void {
  const parsed = schema.safeParse(options)
  if (!parsed.success) refuse(problemsOf(parsed.error))
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new StorageError('InvalidArgument', problems.join('; '))
}

/** What the API calls credentials, whether or not it is secret. All secret options are credentials besides. */
const credentialNames: ReadonlySet<string> = new Set([
  'pass',
  'password',
  'key',
  'key_pem',
  'passphrase',
  'key_file_pass',
  'token',
  'refresh_token',
  'auth_token',
  'bearer_token',
  'session_token',
  'secret',
  'secret_key',
  'secret_access_key',
  'access_key_id',
  'client_secret',
  'client_id',
  'service_account_credentials',
  'private_key',
])

/**
 * The options with other credentials; null takes one away.
 * @throws StorageError `InvalidArgument` naming every problem
 */
export function withCredentials(
  definition: DriverDefinition,
  options: GivenOptions,
  changes: GivenOptions,
): GivenOptions {
  const rows = new Map(describeOptions(definition.options).rows.map((row) => [row.name, row]))
  const problems = Object.entries(changes).flatMap(([name, value]) => {
    const row = rows.get(name)
    if (!row) return [`${name}: there is no such option`]
    if (!row.secret && !credentialNames.has(name)) return [`${name}: is no credential; connect anew to change it`]
    return typeof value === 'string' || value === null ? [] : [`${name}: must be text, or null to take it away`]
  })
  refuse(Object.keys(changes).length === 0 ? ['options: name the credentials that change'] : problems)
  const changed = Object.entries({ ...options, ...changes }).filter(([, value]) => value !== null)
  const next = Object.fromEntries(changed)
  checkOptions(definition, next)
  return next
}

/** Whether two sets of options say the same, in whatever order. */
export function sameOptions(one: GivenOptions, other: GivenOptions): boolean {
  const sorted = (options: GivenOptions): string =>
    JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)))
  return sorted(one) === sorted(other)
}
