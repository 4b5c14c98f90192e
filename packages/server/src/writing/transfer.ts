import {
  can,
  type Entry,
  isWithin,
  parsePath,
  requireMethods,
  root,
  statIfThere,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { json } from '../routes/administration.ts'
import { alreadyThere, canReplace, copyTree } from './copy-tree.ts'
import { copyAcross } from './copy-across.ts'
import { parseDestination } from './destination.ts'
import { checkConditions, hasContent } from './guard.ts'
import { checkAllowed, checkRight } from './permission.ts'
import { checkStaysHidden } from './stays-hidden.ts'
import { tally } from './tally.ts'
import type { Operation, Place, Writing } from './writing.ts'

export type Kind = 'copy' | 'move'

/** POST ?copy_to= and ?move_to= put an entry, with all it holds, somewhere on the same backend or another. */
export const copyTo = operation('copy', 'copy_to', { features: ['upload'], right: 'read-all' })
export const moveTo = operation('move', 'move_to', { features: ['upload', 'delete'], right: 'write-all' })

function operation(kind: Kind, parameter: string, needs: Pick<Operation, 'features' | 'right'>): Operation {
  return {
    ...needs,
    async run(writing) {
      const to = parseDestination(writing, parameter, writing.query.text(parameter) ?? '')
      checkRight(to, 'write-all')
      return transfer(writing, kind, to)
    },
  }
}

interface Transfer {
  readonly kind: Kind
  readonly source: StorageDriver
  readonly target: StorageDriver
  readonly entry: Entry
  /** What stands at the destination. */
  readonly old: Entry | undefined
  readonly to: Place
  readonly isHere: boolean
  /** Whether all that it holds may be copied, and not only what the caller is shown. */
  readonly isWhole: boolean
  readonly signal: AbortSignal
}

/** Whoever asks has the rights on both places. */
export async function transfer(writing: Writing, kind: Kind, to: Place): Promise<Response> {
  const { place, parts, query } = writing
  await transferTo(writing, kind, to, { overwrite: query.flag('overwrite') })
  const destination = to.backend === place.backend ? `/${to.path}` : `${to.backend}:/${to.path}`
  return json(parts.reply, 200, { success: true, source: `/${place.path}`, destination })
}

export interface TransferRules {
  readonly overwrite: boolean
  /** A folder goes without what it holds. */
  readonly isShallow?: boolean | undefined
}

/** @returns whether something was replaced */
export async function transferTo(
  writing: Writing,
  kind: Kind,
  to: Place,
  { overwrite, isShallow = false }: TransferRules,
): Promise<boolean> {
  const { place, parts, signal } = writing
  const isHere = to.backend === place.backend
  const source = await writing.open(place.backend)
  if (isHere) checkApart(source, place, to, kind)
  if (kind === 'move' && place.path === root) {
    throw new StorageError('InvalidArgument', 'The root cannot be moved, only what is in it.')
  }
  await writing.hold(to, true)
  const target = isHere ? source : await writing.open(to.backend)
  await checkConditions(writing, source)
  const entry = await source.stat(place.path, { signal, fresh: true })
  // Under another spelling of its name the entry itself would be found.
  const old =
    isHere && isSame(source, place, to) ? undefined : await statIfThere(target, to.path, { signal, fresh: true })
  if (old) {
    if (!overwrite) throw alreadyThere(to.path)
    if (hasContent(old)) checkAllowed(parts.settings, 'delete')
  }
  if (isShallow && entry.kind === 'directory') await makeEmptyFolder({ target, old, to, signal })
  else {
    const isWhole = await checkStaysHidden(writing, entry, to, kind)
    await run({ kind, source, target, entry, old, to, isHere, isWhole, signal })
  }
  return old !== undefined
}

async function makeEmptyFolder({ target, old, to, signal }: Pick<Transfer, 'target' | 'old' | 'to' | 'signal'>) {
  const folder = requireMethods(target, 'makeDirectory', 'remove')
  if (old) await folder.remove(to.path, { signal })
  await folder.makeDirectory(to.path, { signal })
}

/** The name by which the backend knows what is called so: some take `A` and `a` for the same. */
const known = ({ traits }: StorageDriver, { path }: Place): StoragePath =>
  traits.caseSensitive ? path : parsePath(path.toLowerCase())

const isSame = (storage: StorageDriver, one: Place, other: Place): boolean =>
  known(storage, one) === known(storage, other)

/** Nothing goes into itself, or takes the place of what holds it. Only a move may change the case of a name. */
function checkApart(storage: StorageDriver, place: Place, to: Place, kind: Kind): void {
  const [from, onto] = [known(storage, place), known(storage, to)]
  if (!isWithin(onto, from) && !isWithin(from, onto)) return
  if (from === onto && place.path !== to.path && kind === 'move' && can(storage, 'move')) return
  const message = `/${place.path} cannot be put at /${to.path}: one of them contains the other.`
  throw new StorageError('InvalidArgument', message, { path: place.path })
}

/** The backend does it where it can, otherwise it is read and written. */
async function run(transfer: Transfer): Promise<void> {
  const { kind, source, entry, old, to, isHere, isWhole, signal } = transfer
  const options = { destination: to.path, overwrite: old !== undefined, signal }
  if (isHere && kind === 'move' && can(source, 'move')) await source.move(entry.path, options)
  else if (kind === 'move') await moveByCopying(transfer)
  else if (isHere && isWhole && can(source, 'copy')) await source.copy(entry.path, options)
  else await copyByWriting(transfer)
}

async function copyByWriting({ source, target, entry, old, to, isHere, signal }: Transfer): Promise<void> {
  const writable = requireMethods(target, 'write')
  // What is replaced keeps its versions, and with whom it is shared, only when it is written.
  if (!old && !isHere && (await copyAcross({ source, target, entry, destination: to.path, signal }))) return
  if (old && !canReplace(target, entry, old)) {
    const message = `The ${target.provider} storage cannot replace a folder. Delete /${to.path} first.`
    throw new StorageError('Unsupported', message, { path: to.path })
  }
  await copyTree({ source, entry, target: writable, destination: to.path, old, signal })
}

/**
 * Copies, and removes the source when it still is what it was. Two backends can be two ways to the same place, and then
 * what is removed would be the copy: it would be seen as a change of the source, or as something that was there before.
 */
async function moveByCopying(transfer: Transfer): Promise<void> {
  const { source, target, entry, old, to, isHere, signal } = transfer
  const removable = requireMethods(source, 'remove')
  if (old && !isHere && (old.kind === 'directory' || mayBeSame(entry, old))) throw removeFirst(to)
  const before = await tally(source, entry, signal)
  const options = { destination: to.path, overwrite: old !== undefined, signal }
  if (isHere && can(target, 'copy')) await target.copy(entry.path, options)
  else await copyByWriting(transfer)
  const now = await source.stat(entry.path, { signal, fresh: true })
  if ((await tally(source, now, signal)) !== before) throw changedMeanwhile(entry, to)
  await removable.remove(entry.path, { signal })
}

function mayBeSame(entry: Entry, old: Entry): boolean {
  return entry.kind === 'file' && old.kind === 'file' && entry.size === old.size && entry.modified === old.modified
}

const removeFirst = ({ path }: Place): StorageError =>
  new StorageError('Conflict', `What stands at /${path} is not replaced by a move. Delete it first, or copy instead.`, {
    path,
  })

const changedMeanwhile = ({ path }: Entry, to: Place): StorageError =>
  new StorageError(
    'Conflict',
    `/${path} was changed while it was moved. It was copied to /${to.path}, and nothing was removed.`,
    { path },
  )
