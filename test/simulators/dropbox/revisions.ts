import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import type { Item, Revision } from '../cloud-tree/item.ts'
import { asPath, endpointError, lookupProblem, said, saying, tagged } from './api-error.ts'
import type { ArgumentOf } from './arguments.ts'
import type { Call } from './call.ts'
import { commitFile } from './commit.ts'
import { fileMetadata, formatTime } from './metadata.ts'
import { itemAt, lookUp, lowerPlace, placeOfRevision, readRoute } from './places.ts'

interface Written {
  readonly item: Item
  readonly revision: Revision
}

/** Newest first: ids of revisions grow. */
const newestFirst = (one: Written, other: Written): number => (one.revision.id < other.revision.id ? 1 : -1)

/** Everything that was ever written at a place of the tree. */
function writtenAt({ state: { tree } }: Call, place: string): Written[] {
  const found: Written[] = []
  for (const item of tree.items()) {
    for (const revision of item.revisions) {
      if (placeOfRevision(tree, item, revision) === place) found.push({ item, revision })
    }
  }
  return found.sort(newestFirst)
}

interface Subject {
  readonly place: string
  /** What has that place now. */
  readonly item: Item | undefined
}

function subjectOf(call: Call, path: string): Subject {
  const { tree } = call.state
  if (path.startsWith('id:')) {
    const item = tree.get(path)
    if (!item || !tree.isWithin(path, call.base)) throw lookupProblem('not_found')
    if (item.kind === 'folder') throw lookupProblem('not_file')
    return { place: lowerPlace(tree, item), item: tree.isTrashed(path) ? undefined : item }
  }
  const route = readRoute(call, path, () => lookupProblem('malformed_path'))
  const item = itemAt(tree, route)
  if (item?.kind === 'folder') throw lookupProblem('not_file')
  const place = [...tree.pathOf(route.from), ...route.names].join('/').toLowerCase()
  return { place, item }
}

export function listRevisions(call: Call, argument: ArgumentOf<'revisions'>): files.ListRevisionsResult {
  const { mode, limit, before_rev: before, path } = argument
  const byId = mode.tag === 'id'
  if (byId && before !== undefined) throw endpointError(tagged('before_rev_not_supported'))
  const { place, item } = saying(asPath, () => subjectOf(call, path))
  const all = writtenAt(call, place)
  const [newest] = all
  if (!newest) throw said(asPath, lookupProblem('not_found'))
  const subject = item ?? newest.item
  const wanted = byId ? subject.revisions.map((revision) => ({ item: subject, revision })).sort(newestFirst) : all
  const start = before === undefined ? 0 : wanted.findIndex(({ revision }) => revision.id === before) + 1
  if (before !== undefined && start === 0) throw endpointError(tagged('invalid_before_rev'))
  const page = wanted.slice(start, start + limit)
  const deletedAt = item ? undefined : newest.item.trashedAt
  return {
    is_deleted: item === undefined,
    ...(deletedAt !== undefined && { server_deleted: formatTime(deletedAt) }),
    entries: page.map((one) => fileMetadata(call, one.item, one.revision)),
    has_more: start + page.length < wanted.length,
  }
}

export function restore(call: Call, argument: ArgumentOf<'restore'>): files.FileMetadata {
  const { tree } = call.state
  const { place } = saying({ lookup: 'path_lookup', write: 'path_lookup' }, () => subjectOf(call, argument.path))
  const found = writtenAt(call, place).find(({ revision }) => revision.id === argument.rev)
  if (!found) throw endpointError(tagged('invalid_revision'))
  return saying({ lookup: 'path_lookup', write: 'path_write' }, () => {
    const { bytes, modified } = found.revision
    const isGone = tree.isTrashed(found.item.id) && !taken(call, argument.path)
    // What comes back keeps its id, when the folder that it was in is still there.
    if (isGone && !tree.isTrashed(found.item.parents[0] ?? '')) tree.update(found.item.id, { trashed: false })
    const commit = {
      path: argument.path,
      mode: { tag: 'overwrite', value: undefined },
      autorename: false,
      client_modified: modified,
      mute: false,
      strict_conflict: false,
    } as const
    return commitFile(call, commit, bytes)
  })
}

function taken(call: Call, path: string): boolean {
  try {
    return lookUp(call, path).item !== undefined
  } catch {
    return false
  }
}
