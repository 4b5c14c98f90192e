import { createHash } from 'node:crypto'
import type { Change } from '../cloud-tree/change-log.ts'
import { findItem, roleOf } from './access.ts'
import { driveNotFound, invalidValue, requiredParameter } from './drive-error.ts'
import { driveResource } from './drives.ts'
import { type Answer, type Exchange, idsParameter, isTrue, show, supportsAllDrives } from './exchange.ts'
import { fileResource, spaceOf, timeText } from './file-resource.ts'
import { pageSizeOf, spacesOf } from './listing.ts'
import { driveOf, type Simulation, userOf } from './simulation.ts'

/** The shared drive that a request is about, if it is about one. */
function driveIdOf({ simulation, caller, query }: Exchange): string | undefined {
  const id = query.get('driveId') ?? query.get('teamDriveId') ?? undefined
  if (id === undefined) return undefined
  if (!supportsAllDrives(query))
    throw invalidValue('supportsAllDrives', 'The supportsAllDrives parameter must be true to ask for a shared drive.')
  const root = simulation.drives.has(id) ? simulation.tree.get(id) : undefined
  if (!root || !roleOf(simulation, caller, root)) throw driveNotFound(id)
  return id
}

/** Tokens are numbers of changes; those of a shared drive are good for it alone. */
const tokenOf = (sequence: number, driveId: string | undefined): string =>
  driveId === undefined ? String(sequence) : `${sequence}.${markOf(driveId)}`

const markOf = (driveId: string): string => String(createHash('sha256').update(driveId).digest().readUInt32BE())

function sequenceOf(token: string, driveId: string | undefined, latest: number): number {
  const [, digits, mark] = /^(\d{1,15})(?:\.(\d+))?$/.exec(token) ?? []
  const isRight = mark === (driveId === undefined ? undefined : markOf(driveId))
  if (digits === undefined || !isRight || Number(digits) > latest + 1 || Number(digits) < 1)
    throw invalidValue('pageToken')
  return Number(digits)
}

export function getStartPageToken(exchange: Exchange): Answer {
  const { tree } = exchange.simulation
  const startPageToken = tokenOf(tree.sequence + 1, driveIdOf(exchange))
  return show('startPageToken', { kind: 'drive#startPageToken', startPageToken })
}

export function listChanges(exchange: Exchange): Answer {
  const { simulation, query, caller } = exchange
  const { tree } = simulation
  const driveId = driveIdOf(exchange)
  const withDrives = isTrue(query, 'includeItemsFromAllDrives') || isTrue(query, 'includeTeamDriveItems')
  if (withDrives && !supportsAllDrives(query))
    throw invalidValue(
      'supportsAllDrives',
      'The supportsAllDrives parameter must be true to include items of shared drives.',
    )
  if (driveId !== undefined && !withDrives)
    throw invalidValue(
      'includeItemsFromAllDrives',
      'The includeItemsFromAllDrives parameter must be true for a driveId.',
    )
  const spaces = spacesOf(caller, query)
  const token = query.get('pageToken')
  if (token === null || token === '') throw requiredParameter('pageToken')
  const first = sequenceOf(token, driveId, tree.sequence)
  const size = pageSizeOf(query, simulation)

  const changes = tree.changesSince(first - 1)
  const last = new Map(changes.map(({ id, sequence }) => [id, sequence]))
  const wanted = changes.filter(
    // A later change of the same file stands for the earlier ones.
    (change) => last.get(change.id) === change.sequence && isWanted(exchange, change, { driveId, withDrives, spaces }),
  )
  const page = wanted.slice(0, size)
  const next = wanted[size]
  return show('change', {
    kind: 'drive#changeList',
    changes: page.map((change) => changeResource(exchange, change)),
    ...(next
      ? { nextPageToken: tokenOf(next.sequence, driveId) }
      : { newStartPageToken: tokenOf(tree.sequence + 1, driveId) }),
  })
}

interface Wanted {
  readonly driveId: string | undefined
  readonly withDrives: boolean
  readonly spaces: readonly string[]
}

function isWanted({ simulation, caller, query }: Exchange, change: Change, wanted: Wanted): boolean {
  const { driveId, withDrives, spaces } = wanted
  const places = [change.root, change.rootBefore].filter((root) => root !== undefined)
  if (driveId !== undefined && !places.includes(driveId)) return false
  const drive = places.find((root) => simulation.drives.has(root))
  if (drive !== undefined && !withDrives) return false
  const { root, appRoot } = userOf(simulation, caller.email)
  if (isTrue(query, 'restrictToMyDrive') && change.root !== root) return false
  const item = simulation.tree.get(change.id)
  if (!item) {
    if (query.get('includeRemoved')?.toLowerCase() === 'false') return false
    // Whose it was shows by where it was.
    const mine = change.rootBefore === root && spaces.includes('drive')
    const app = change.rootBefore === appRoot && spaces.includes('appDataFolder')
    return mine || app || (drive !== undefined && isMember(simulation, caller, drive))
  }
  return spaces.includes(spaceOf(simulation, item)) && roleOf(simulation, caller, item) !== undefined
}

function isMember(simulation: Simulation, caller: Exchange['caller'], drive: string): boolean {
  const root = simulation.tree.get(drive)
  return root !== undefined && roleOf(simulation, caller, root) !== undefined
}

function changeResource(exchange: Exchange, change: Change): object {
  const { simulation, caller, query } = exchange
  const common = { kind: 'drive#change', time: timeText(change.time), removed: !simulation.tree.get(change.id) }
  const shared = simulation.drives.get(change.id)
  if (shared) {
    return {
      ...common,
      type: 'teamDrive',
      changeType: 'drive',
      driveId: change.id,
      teamDriveId: change.id,
      drive: driveResource(simulation, caller, shared),
    }
  }
  const file = common.removed
    ? undefined
    : fileResource(
        simulation,
        caller,
        findItem(simulation, caller, change.id, { supportsAllDrives: true }),
        idsParameter(query, 'includeLabels'),
      )
  const drive = file && driveOf(simulation, change.id)?.id
  return { ...common, type: 'file', changeType: 'file', fileId: change.id, driveId: drive, teamDriveId: drive, file }
}
