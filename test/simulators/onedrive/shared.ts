import { type Answer, ok } from './answer.ts'
import { identity, itemResource } from './item-resource.ts'
import { itemOf, viewOf } from './place.ts'
import type { Call, Target } from './service.ts'

// Source: drive: sharedWithMe; "Accessing shared DriveItems".

/** What others shared with the user, as it is seen from the user's own drive. */
export function sharedWithMe(call: Call): Answer {
  const { service, caller } = call
  const mine = [...service.permissions].filter(([id, all]) => {
    const invited = all.some((each) => each.invited?.email.toLowerCase() === caller.user?.toLowerCase())
    return invited && service.tree.get(id) !== undefined && !service.tree.isTrashed(id)
  })
  const value = mine.flatMap(([id]) => {
    const item = service.tree.need(id)
    const root = service.tree.rootOf(id)
    const drive = service.drives.find((each) => each.root === root)
    if (drive === undefined || drive.owner === caller.user) return []
    const {
      '@microsoft.graph.downloadUrl': _url,
      eTag: _eTag,
      cTag: _cTag,
      ...remoteItem
    } = itemResource({ service, cloud: call.cloud, drive }, item, false)
    return [{ id, name: item.name, remoteItem }]
  })
  return ok({ value })
}

/** `GET /shares/ID` */
export function getShare(call: Call, target: Target, shareId: string): Answer {
  const item = itemOf(target)
  const driveItem = call.query.get('$expand') === 'driveItem' ? itemResource(viewOf(call, target), item) : undefined
  return ok({ id: shareId, name: item.name, owner: identity(target.drive.owner), ...(driveItem && { driveItem }) })
}
