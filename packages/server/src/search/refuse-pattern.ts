import { StorageError } from '@filegate/core'

/** Ends a request whose search pattern is not one. `problem` is a clause that tells a user what to change. */
export function refusePattern(problem: string): never {
  throw new StorageError('InvalidArgument', `Parameter 'grep' has an invalid pattern: ${problem}.`)
}
