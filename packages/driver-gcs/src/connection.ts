import type { ConnectContext } from '@filegate/core'
import type { Endpoint } from './endpoint.ts'
import type { GcsOptions } from './options.ts'
import type { Vendor } from './vendor.ts'

/** What every call of the driver works with. */
export interface Connection extends Pick<ConnectContext, 'log'> {
  readonly vendor: Vendor
  readonly endpoint: Endpoint
  readonly options: GcsOptions
  /** Whose buckets are listed and where new ones are made; empty where nobody said. */
  readonly project: string
}

/** What every request says. */
export const payer = ({ options }: Connection) =>
  options.user_project === '' ? {} : { userProject: options.user_project }

/** Access lists of new objects and of new buckets, in the words of the vendor; none where policies of the bucket decide. */
export const objectAcl = ({ options }: Connection): string | undefined =>
  options.bucket_policy_only ? undefined : options.object_acl || 'private'

export const bucketAcl = ({ options }: Connection): string | undefined =>
  options.bucket_policy_only ? undefined : options.bucket_acl || 'private'
