import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import type { CloudTree } from '../cloud-tree/cloud-tree.ts'
import { sizeOf, type Item } from '../cloud-tree/item.ts'
import { endpointError, lookupProblem, said, saying, tagged, writeProblem } from './api-error.ts'
import type { RelocationArgument } from './arguments.ts'
import type { Call } from './call.ts'
import { conflictWith, freeName, markPlace } from './commit.ts'
import { entryOf, needRevision } from './metadata.ts'
import { otherNames } from './names.ts'
import { checkWritable, isSharedFolder, lookUp, makeParents, placeOfRevision, type Target, targetOf } from './places.ts'
import { usedSpace } from './state.ts'

function sourceOf(call: Call, path: string): Item {
  return saying({ lookup: 'from_lookup', write: 'from_write' }, () => {
    const { item } = lookUp(call, path)
    if (item.parents.length === 0 || item.id === call.base) throw lookupProblem('malformed_path')
    return item
  })
}

const destinationOf = (call: Call, path: string): Target =>
  saying({ lookup: 'to', write: 'to' }, () => {
    if (call.contention) throw writeProblem('too_many_write_operations')
    return targetOf(call, path)
  })

function landingOf(call: Call, target: Target, autorename: boolean): { readonly parent: Item; readonly name: string } {
  const { existing, name } = target
  if (!existing) return { parent: makeParents(call.state.tree, target), name }
  if (!autorename) throw said({ lookup: 'to', write: 'to' }, conflictWith(existing))
  return { parent: target.folder, name: freeName(call, target.folder, otherNames(name)) }
}

function isInsideShared(tree: CloudTree, folder: Item): boolean {
  for (let at: Item | undefined = folder; at; at = tree.get(at.parents[0] ?? '')) if (isSharedFolder(at)) return true
  return false
}

export function move(call: Call, argument: RelocationArgument): files.RelocationResult {
  const { tree } = call.state
  const source = sourceOf(call, argument.from_path)
  saying({ lookup: 'from_lookup', write: 'from_write' }, () => checkWritable(tree, source))
  const target = destinationOf(call, argument.to_path)
  // Changes of case alone are not supported: they are taken, and nothing comes of them.
  if (target.existing?.id === source.id) return { metadata: entryOf(call, source) }
  if (tree.isWithin(target.folder.id, source.id)) throw endpointError(tagged('cant_move_folder_into_itself'))
  if (tree.below(source.id).some(isSharedFolder) && isInsideShared(tree, target.folder)) {
    throw endpointError(tagged('cant_nest_shared_folder'))
  }
  const { parent, name } = landingOf(call, target, argument.autorename)
  for (const item of tree.below(source.id)) keepPlace(call, item)
  tree.update(source.id, { name, parents: [parent.id] })
  for (const item of tree.below(source.id)) arrive(call, item)
  return { metadata: entryOf(call, tree.need(source.id)) }
}

/** Revisions stay where they were written, those that were put in by hand included. */
function keepPlace({ state: { tree } }: Call, item: Item): void {
  for (const revision of item.revisions) {
    tree.updateRevision(item.id, revision.id, { place: placeOfRevision(tree, item, revision) })
  }
}

/** A file that moves has a new revision there. */
function arrive(call: Call, item: Item): void {
  const { tree } = call.state
  if (item.kind === 'folder' || tree.isTrashed(item.id)) return
  const { bytes, modified } = needRevision(item)
  markPlace(call, tree.write(item.id, bytes, { modified }))
}

export function copy(call: Call, argument: RelocationArgument): files.RelocationResult {
  const { state } = call
  const { tree } = state
  const source = sourceOf(call, argument.from_path)
  if (tree.below(source.id).some(isSharedFolder)) throw endpointError(tagged('cant_copy_shared_folder'))
  const target = destinationOf(call, argument.to_path)
  if (tree.isWithin(target.folder.id, source.id)) throw endpointError(tagged('duplicated_or_nested_paths'))
  const live = tree.below(source.id).filter(({ id }) => !tree.isTrashed(id))
  const size = live.reduce((sum, item) => sum + sizeOf(item), 0)
  if (usedSpace(state) + size > state.allocated) throw endpointError(tagged('insufficient_quota'))
  const { parent, name } = landingOf(call, target, argument.autorename)
  const made = tree.copy(source.id, { name, parents: [parent.id] })
  return { metadata: entryOf(call, made) }
}
