import type { Json } from './answer.ts'
import { formatTime, identity, type View, webUrlOf } from './item-resource.ts'

const usualTotal = { personal: 5 * 1024 ** 3, business: 1024 ** 4, documentLibrary: 25 * 1024 ** 4 } as const

function stateOf(remaining: number, total: number): string {
  if (remaining <= 0) return 'exceeded'
  if (remaining < total / 100) return 'critical'
  return remaining < total / 10 ? 'nearing' : 'normal'
}

export function driveResource(view: View): Json {
  const { service, drive } = view
  const root = service.tree.need(drive.root)
  const { total = usualTotal[drive.type], used, trashed } = service.tree.quota(drive.root)
  const remaining = Math.max(0, total - used)
  return {
    createdDateTime: formatTime(root.created, drive),
    description: '',
    id: drive.id,
    lastModifiedDateTime: formatTime(service.tree.now(), drive),
    name: drive.name,
    webUrl: webUrlOf(view, root),
    driveType: drive.type,
    owner:
      drive.type === 'documentLibrary' ? { group: { displayName: 'team', id: 'group-team' } } : identity(drive.owner),
    quota: { deleted: trashed, remaining, state: stateOf(remaining, total), total, used },
  }
}
