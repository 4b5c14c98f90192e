import type { ConnectContext } from '@filegate/core'
import type { Vendor } from './client.ts'
import type { Places } from './place.ts'
import type { Settings } from './settings.ts'

/** What every call of the driver works with. */
export interface Connection extends Pick<ConnectContext, 'fetch' | 'log'> {
  readonly vendor: Vendor
  readonly settings: Settings
  readonly places: Places
}

/** The options of one call of the vendor's library. */
export const until = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {})

export interface CustomerKeyInput {
  readonly SSECustomerAlgorithm: string
  readonly SSECustomerKey: string
}

/** What requests about an encrypted object have to carry. */
export function customerKeyInput({ customerKey }: Pick<Settings, 'customerKey'>): CustomerKeyInput | undefined {
  return customerKey && { SSECustomerAlgorithm: customerKey.algorithm, SSECustomerKey: customerKey.base64 }
}
