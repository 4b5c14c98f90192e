import type { StorageDriver } from './contract.ts'
import { StorageError } from './error.ts'

/** The methods whose presence is the capability. */
export type OptionalMethod = Exclude<keyof StorageDriver, 'provider' | 'traits' | 'stat' | 'list' | 'read'>

export type DriverWith<M extends OptionalMethod> = StorageDriver & Required<Pick<StorageDriver, M>>

export function can<M extends OptionalMethod>(
  driver: StorageDriver,
  ...methods: readonly M[]
): driver is DriverWith<M> {
  return methods.every((method) => typeof driver[method] === 'function')
}

/** @throws StorageError `Unsupported` that names the first method which is missing. */
export function requireMethods<M extends OptionalMethod>(
  driver: StorageDriver,
  ...methods: readonly M[]
): DriverWith<M> {
  if (can(driver, ...methods)) return driver
  const missing = methods.find((method) => !can(driver, method))
  throw new StorageError('Unsupported', `The ${driver.provider} storage does not support ${missing}.`, {
    provider: driver.provider,
    operation: missing,
  })
}
