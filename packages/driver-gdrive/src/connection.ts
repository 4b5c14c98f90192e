import type { ConnectContext } from '@filegate/core'
import type { Conversions } from './formats.ts'
import type { DriveOptions } from './options.ts'
import type { Places } from './places.ts'
import type { ResourceKeys } from './resource-keys.ts'
import type { Resource } from './resource.ts'
import type { Vendor } from './vendor.ts'

/** What every call of the driver works with. */
export interface Connection extends Pick<ConnectContext, 'log'> {
  readonly vendor: Vendor
  readonly options: DriveOptions
  /** The folder that is shown as the root. */
  readonly root: Resource
  readonly keys: ResourceKeys
  /** Where what was shown lies, for the log of changes. */
  readonly places: Places
  /** What is asked of a file. */
  readonly fields: string
  /** As what documents can be exported, and what can be turned into documents. Asked for once. */
  readonly conversions: () => Promise<{ readonly exports: Conversions; readonly imports: Conversions }>
}

/** Whether a folder is a selection from everywhere, in which nothing lies by its parents. */
export const isSelection = ({ options, root }: Pick<Connection, 'options' | 'root'>, folder: string): boolean =>
  folder === root.id && (options.shared_with_me || options.starred_only)

/** What is said with every call about files, for those in shared drives to be among them. */
export const everywhere = { supportsAllDrives: true } as const
