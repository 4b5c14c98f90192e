import type { ConnectContext } from '@filegate/core'
import type { Vendor } from './client.ts'
import type { BlobOptions } from './options.ts'

/** What every call of the driver works with. */
export interface Connection extends Pick<ConnectContext, 'log'> {
  readonly vendor: Vendor
  readonly options: BlobOptions
}

/** The options of one call of the vendor's library. */
export const until = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {})
