import { StorageError } from '@filegate/core'
import { createAccountNumbers } from '../listing/account-names.ts'

export interface OwnerIds {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

const numbers = createAccountNumbers()

/**
 * The numbers of `user`, `user:group` or `:group`, by name or number. Nothing is given to root: what it owns may run with its rights.
 * @throws StorageError `InvalidArgument` that names the parameter
 */
export function parseOwner(parameter: string, text: string): OwnerIds {
  const [, user = '', group] = /^([^:]*)(?::([^:]+))?$/.exec(text) ?? []
  if (user === '' && group === undefined)
    throw refuse(parameter, `takes a user, or user:group, not ${JSON.stringify(text)}`)
  const uid = user === '' ? undefined : numberOf(parameter, user, numbers.user)
  const gid = group === undefined ? undefined : numberOf(parameter, group, numbers.group)
  return { uid, gid }
}

function numberOf(parameter: string, name: string, find: (name: string) => number | undefined): number {
  const number = /^\d{1,9}$/.test(name) ? Number(name) : find(name)
  if (number === undefined) throw refuse(parameter, `names ${JSON.stringify(name)}, which this system does not know`)
  if (number === 0) throw refuse(parameter, 'gives nothing to root')
  return number
}

const refuse = (parameter: string, why: string): StorageError =>
  new StorageError('InvalidArgument', `Parameter '${parameter}' ${why}.`)
