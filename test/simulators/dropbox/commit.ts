import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { digestOf } from '../cloud-tree/digest-of.ts'
import type { Item } from '../cloud-tree/item.ts'
import { type PathProblem, tagged, writeProblem } from './api-error.ts'
import type { CommitInfo } from './arguments.ts'
import type { Call } from './call.ts'
import { fileMetadata, needRevision } from './metadata.ts'
import { conflictedNames, otherNames } from './names.ts'
import { makeParents, type Target, targetOf } from './places.ts'
import { usedSpace } from './state.ts'

export const conflictWith = (item: Item): PathProblem => writeProblem('conflict', tagged(item.kind))

/** The first name that nobody has. */
export function freeName({ state: { tree } }: Call, folder: Item, names: Iterable<string>): string {
  for (const name of names) if (tree.named(folder.id, name).length === 0) return name
  throw new Error('There are no names left.')
}

/** @throws insufficient_space */
export function checkSpace({ state }: Call, more: number): void {
  if (more > 0 && usedSpace(state) + more > state.allocated) throw writeProblem('insufficient_space')
}

type Decision = 'write' | 'leave' | 'conflict'

/** WriteMode, files.stone. */
function decide(commit: CommitInfo, { existing }: Target, bytes: Uint8Array): Decision {
  const { mode, strict_conflict: strict } = commit
  if (!existing) return mode.tag === 'update' && strict ? 'conflict' : 'write'
  if (existing.kind === 'folder') return 'conflict'
  const revision = needRevision(existing)
  const isSame =
    revision.bytes.length === bytes.length && digestOf(revision.bytes, 'dropbox').equals(digestOf(bytes, 'dropbox'))
  const fits = mode.tag === 'overwrite' || (mode.tag === 'update' && mode.value === revision.id)
  // Identical contents are never written again, so their times do not change either.
  if (isSame && (fits || !strict)) return 'leave'
  return fits ? 'write' : 'conflict'
}

/**
 * Saves a file as the commit says.
 * @throws PathProblem of writing
 */
export function commitFile(call: Call, commit: CommitInfo, bytes: Uint8Array): files.FileMetadata {
  const { tree } = call.state
  if (call.contention) throw writeProblem('too_many_write_operations')
  const target = targetOf(call, commit.path)
  const { existing } = target
  const decision = decide(commit, target, bytes)
  if (decision === 'leave' && existing) return fileMetadata(call, existing)
  if (decision === 'conflict' && !commit.autorename) {
    throw existing ? conflictWith(existing) : writeProblem('conflict', tagged('file'))
  }
  const isReplacing = decision === 'write' && existing !== undefined
  checkSpace(call, bytes.length - (isReplacing ? needRevision(existing).bytes.length : 0))
  const now = tree.now()
  const modified = commit.client_modified ?? now
  if (isReplacing) {
    const revisionFacts = { place: placeIn(call, target.folder, existing.name) }
    return fileMetadata(call, tree.write(existing.id, bytes, { modified, revisionFacts }))
  }
  const parent = makeParents(tree, target)
  const candidates = commit.mode.tag === 'update' ? conflictedNames(target.name) : otherNames(target.name)
  const name = existing || decision === 'conflict' ? freeName(call, parent, candidates) : target.name
  const item = tree.addFile({ name, parents: [parent.id], bytes, modified })
  return fileMetadata(call, markPlace(call, item))
}

const placeIn = ({ state: { tree } }: Call, folder: Item, name: string): string =>
  [...tree.pathOf(folder.id), name].join('/').toLowerCase()

/** Remembers with the newest revision where it was written. */
export function markPlace(call: Call, item: Item): Item {
  const { tree } = call.state
  const place = tree.pathOf(item.id).join('/').toLowerCase()
  return tree.updateRevision(item.id, needRevision(item).id, { place })
}
