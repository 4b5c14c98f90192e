import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { asPath, endpointError, lookupProblem, saying, tagged, writeProblem } from './api-error.ts'
import type { ArgumentOf } from './arguments.ts'
import type { Call } from './call.ts'
import { conflictWith, freeName } from './commit.ts'
import { deletedEntry, type Entry, entryOf, fileMetadata, folderMetadata, needRevision } from './metadata.ts'
import { otherNames } from './names.ts'
import { checkWritable, isSharedFolder, itemAt, lookUp, makeParents, readRoute, targetOf } from './places.ts'

export function getMetadata(call: Call, argument: ArgumentOf<'metadata'>): Entry {
  const { path, include_deleted: withDeleted } = argument
  return saying(asPath, () => {
    const deleted = withDeleted && path.startsWith('/') ? findDeleted(call, path) : undefined
    if (deleted) return deletedEntry(call, deleted)
    const { item, revision } = lookUp(call, path)
    if (item.id === call.base) throw lookupProblem('malformed_path')
    if (revision) return { '.tag': 'file', ...fileMetadata(call, item, revision) }
    return entryOf(call, item)
  })
}

/** Names of something that is gone from there, when nothing else has come to its place. */
function findDeleted(call: Call, path: string): readonly string[] | undefined {
  const { tree } = call.state
  const route = readRoute(call, path, () => lookupProblem('malformed_path'))
  const parent = itemAt(tree, { ...route, names: route.names.slice(0, -1) })
  const name = route.names.at(-1)
  if (!parent || name === undefined || tree.named(parent.id, name).length > 0) return undefined
  const gone = tree.children(parent.id, true).find((one) => one.name.toLowerCase() === name.toLowerCase())
  return gone && [...route.names.slice(0, -1), gone.name]
}

export function createFolder(call: Call, argument: ArgumentOf<'createFolder'>): files.CreateFolderResult {
  return saying(asPath, () => {
    if (call.contention) throw writeProblem('too_many_write_operations')
    const { tree } = call.state
    const target = targetOf(call, argument.path)
    if (target.existing && !argument.autorename) throw conflictWith(target.existing)
    const parent = makeParents(tree, target)
    const name = target.existing ? freeName(call, parent, otherNames(target.name)) : target.name
    return { metadata: folderMetadata(call, tree.addFolder({ name, parents: [parent.id] })) }
  })
}

const asDeletion = { lookup: 'path_lookup', write: 'path_write' } as const

export function deletePath(call: Call, argument: ArgumentOf<'deletion'>): files.DeleteResult {
  const { tree } = call.state
  if (call.contention) throw endpointError(tagged('too_many_write_operations'))
  return saying(asDeletion, () => {
    const { item } = lookUp(call, argument.path)
    if (item.parents.length === 0 || item.id === call.base) throw writeProblem('malformed_path')
    checkWritable(tree, item)
    if (argument.parent_rev !== undefined) {
      if (item.kind === 'folder') throw lookupProblem('not_file')
      if (needRevision(item).id !== argument.parent_rev) throw conflictWith(item)
    }
    const metadata = entryOf(call, item)
    // Whoever deletes what others share leaves it; it can be mounted again.
    if (isSharedFolder(item)) tree.update(item.id, { parents: [call.state.unmounted] })
    else tree.update(item.id, { trashed: true })
    return { metadata }
  })
}

export function deleteForGood(call: Call, argument: ArgumentOf<'deletion'>): undefined {
  const { tree } = call.state
  saying(asDeletion, () => {
    const { item } = lookUpDeletedToo(call, argument.path)
    checkWritable(tree, item)
    tree.remove(item.id)
  })
}

function lookUpDeletedToo(call: Call, path: string): ReturnType<typeof lookUp> {
  const { tree } = call.state
  const names = path.startsWith('/') ? findDeleted(call, path) : undefined
  if (!names) return lookUp(call, path)
  const parent = itemAt(tree, { from: call.base, names: names.slice(0, -1) })
  const item = parent && tree.children(parent.id, true).find(({ name }) => name === names.at(-1))
  if (!item) throw lookupProblem('not_found')
  return { item }
}
