import { type Caller, roleOf, ranks } from './access.ts'
import { driveNotFound, invalidValue } from './drive-error.ts'
import { type Answer, type Exchange, place, show } from './exchange.ts'
import { timeText } from './file-resource.ts'
import { pageOf, pageSizeOf } from './listing.ts'
import { holds, parseQuery, type Term } from './query.ts'
import type { SharedDrive, Simulation } from './simulation.ts'

export function driveResource(simulation: Simulation, caller: Caller, drive: SharedDrive): object {
  const role = roleOf(simulation, caller, simulation.tree.need(drive.id)) ?? 'reader'
  const may = (least: keyof typeof ranks): boolean => ranks[role] >= ranks[least]
  return {
    kind: 'drive#drive',
    id: drive.id,
    name: drive.name,
    createdTime: timeText(drive.created),
    hidden: drive.hidden,
    colorRgb: '#795548',
    capabilities: {
      canAddChildren: may('writer'),
      canDeleteChildren: may('organizer'),
      canDeleteDrive: may('organizer'),
      canDownload: true,
      canEdit: may('writer'),
      canListChildren: true,
      canManageMembers: may('organizer'),
      canReadRevisions: may('writer'),
      canRename: may('writer'),
      canRenameDrive: may('organizer'),
      canShare: may('fileOrganizer'),
      canTrashChildren: may('fileOrganizer'),
    },
    restrictions: {
      adminManagedRestrictions: false,
      copyRequiresWriterPermission: false,
      domainUsersOnly: false,
      driveMembersOnly: false,
    },
  }
}

const visible = (simulation: Simulation, caller: Caller): readonly SharedDrive[] =>
  [...simulation.drives.values()].filter(({ id }) => roleOf(simulation, caller, simulation.tree.need(id)))

export function getDrive(exchange: Exchange): Answer {
  const { simulation, caller } = exchange
  const id = place(exchange, 'driveId')
  const drive = visible(simulation, caller).find((one) => one.id === id)
  if (!drive) throw driveNotFound(id)
  return show('drive', driveResource(simulation, caller, drive))
}

function test(drive: SharedDrive, { field, operator, value }: Term): boolean {
  if (field === 'hidden' && typeof value === 'boolean') return (drive.hidden === value) === (operator === '=')
  if (field !== 'name' || typeof value !== 'string') throw invalidValue('q')
  const [name, wanted] = [drive.name.toLowerCase(), value.toLowerCase()]
  if (operator === 'contains') return name.includes(wanted)
  return (name === wanted) === (operator === '=')
}

export function listDrives(exchange: Exchange): Answer {
  const { simulation, caller, query } = exchange
  const q = query.get('q')
  const search = q === null || q === '' ? undefined : parseQuery(q)
  const size = pageSizeOf(query, simulation, 100, 10)
  const { ids, nextPageToken } = pageOf(simulation, query, size, () =>
    visible(simulation, caller)
      .filter((drive) => !search || holds(search, (term) => test(drive, term)))
      .map(({ id }) => id),
  )
  const drives = ids.flatMap((id) => simulation.drives.get(id) ?? [])
  return show('driveList', {
    kind: 'drive#driveList',
    drives: drives.map((drive) => driveResource(simulation, caller, drive)),
    nextPageToken,
  })
}
