import type { ConnectContext } from '@filegate/core'
import type { Cloud } from './clouds.ts'
import { type DriveItem, driveItem } from './drive-item.ts'
import type { Call, Graph } from './graph.ts'
import { itemOf, type OneDriveItem } from './item.ts'
import type { OneDriveOptions } from './options.ts'

export type DriveType = 'personal' | 'business' | 'documentLibrary'

/** The drive of a connection. */
export interface Drive {
  readonly id: string
  readonly type: DriveType
  readonly root: OneDriveItem
}

/** What every call of the driver works with. */
export interface Connection extends Pick<ConnectContext, 'log'> {
  readonly graph: Graph
  /** For addresses that need no login and must not see it: those of bytes, of sessions and of what goes on. */
  readonly fetch: typeof fetch
  readonly cloud: Cloud
  readonly options: OneDriveOptions
  readonly drive: Drive
}

type Asking = Pick<Connection, 'graph' | 'options'>

/** The item that an answer describes. */
export async function askForItem({ graph, options }: Asking, drive: string, call: Call): Promise<OneDriveItem> {
  return itemIn(await graph.json(call), drive, options)
}

export const itemIn = (answer: unknown, drive: string, options: OneDriveOptions): OneDriveItem =>
  itemOf(driveItem.parse(answer), drive, options)

/** Whether listings leave it out. */
export const isHidden = (item: OneDriveItem, { options }: Pick<Connection, 'options'>): boolean =>
  item.isNotebook && !options.expose_onenote_files

/** The items of a page, without what listings leave out. */
export function shownItems(found: readonly DriveItem[], drive: string, connection: Connection): OneDriveItem[] {
  return found.map((one) => itemOf(one, drive, connection.options)).filter((item) => !isHidden(item, connection))
}
