import { randomBytes } from 'node:crypto'
import type { users } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'

export interface Account {
  /** `dbid:` and 35 characters. */
  readonly accountId: string
  readonly email: string
  readonly displayName: string
  /** Only of members of a team. */
  readonly memberId: string | undefined
  readonly isAdmin: boolean
  /** Namespace ids. Of a personal account both are the same. */
  readonly home: string
  readonly root: string
  /** Where `home` lies in `root`, such as `/Franz Ferdinand`. */
  readonly homePath: string | undefined
}

export const team = { id: 'dbtid:AAFdgehTzw7WlXhZJsbGCLePe8RvQGYDr-I', name: 'Acme, Inc.' } as const

const identifier = (prefix: string, length: number): string =>
  prefix + randomBytes(length).toString('base64url').slice(0, length)

export const newAccountId = (): string => identifier('dbid:', 35)
export const newMemberId = (): string => identifier('dbmid:', 35)

export function nameOf({ displayName }: Account): users.Name {
  const [given = '', ...rest] = displayName.split(' ')
  return {
    given_name: given,
    surname: rest.join(' '),
    familiar_name: given,
    display_name: displayName,
    abbreviated_name: [given, ...rest].map((part) => part.slice(0, 1)).join(''),
  }
}

export function rootInfoOf({ home, root, homePath }: Account): users.FullAccount['root_info'] {
  const ids = { root_namespace_id: root, home_namespace_id: home }
  return homePath === undefined ? { '.tag': 'user', ...ids } : { '.tag': 'team', ...ids, home_path: homePath }
}
