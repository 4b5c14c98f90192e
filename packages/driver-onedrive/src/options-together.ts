import { clouds } from './clouds.ts'
import type { OneDriveOptions } from './options.ts'

export type Problem = readonly [option: keyof OneDriveOptions, problem: string]

/** What is wrong with options that are right one by one. */
export function problemsTogether(options: OneDriveOptions): readonly Problem[] {
  return [addressProblems, clientProblems, kindProblems, placeProblems].flatMap((find) => find(options))
}

function addressProblems(options: OneDriveOptions): Problem[] {
  return (['auth_url', 'token_url'] as const)
    .filter((name) => options[name] !== '' && !isWebAddress(options[name]))
    .map((name) => [name, 'must be a URL such as https://login.example.com/token, without a login'])
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === ''
}

/** A client by itself is nobody, so it has no drive of its own. */
function clientProblems(options: OneDriveOptions): Problem[] {
  if (!options.client_credentials) return []
  return (['client_id', 'client_secret', 'tenant', 'drive_id'] as const)
    .filter((name) => options[name] === '')
    .map((name) => [name, 'is required with client_credentials'])
}

/** What is known before the drive was asked; `findDrive` knows the rest. */
function kindProblems(options: OneDriveOptions): Problem[] {
  return options.drive_type === 'personal' ? problemsOfPersonal(options) : []
}

/** What personal drives cannot do. */
export function problemsOfPersonal(options: OneDriveOptions): Problem[] {
  return (['hard_delete', 'no_versions'] as const)
    .filter((name) => options[name])
    .map((name) => [name, 'does not work on personal drives; leave it off'])
}

function placeProblems({ delta, region, tenant }: OneDriveOptions): Problem[] {
  return [
    ...(delta && !clouds[region].listsChanges
      ? [['delta', 'does not work in the region cn, which has no list of changes'] as const]
      : []),
    ...(tenant !== '' && !/^[\w.-]+$/.test(tenant)
      ? [['tenant', 'must be the id of a directory, or a domain of it'] as const]
      : []),
  ]
}
