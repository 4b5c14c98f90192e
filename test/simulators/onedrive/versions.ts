import { currentRevision, type Item, type Revision } from '../cloud-tree/item.ts'
import { type Answer, type Json, noContent, ok } from './answer.ts'
import { GraphError, invalid } from './graph-error.ts'
import { downloadUrl, formatTime, identity } from './item-resource.ts'
import { checkLock, itemOf, viewOf } from './place.ts'
import { readNothing } from './read-body.ts'
import type { Call, Target } from './service.ts'
import { nextVersion, versionOf } from './version-number.ts'

// Source: List versions, Download contents of, Restore a previous version of a driveItem; driveItemVersion in the OpenAPI document.

const nameOf = (revision: Revision): string => `${versionOf(revision)}.0`

function fileOf(target: Target): Item {
  const item = itemOf(target)
  if (item.kind !== 'file') throw invalid('Only files have versions.')
  return item
}

function found(
  target: Target,
  id: string,
): { readonly item: Item; readonly revision: Revision; readonly isCurrent: boolean } {
  const item = fileOf(target)
  const revision = id === 'current' ? currentRevision(item) : item.revisions.find((each) => nameOf(each) === id)
  if (revision === undefined) throw new GraphError('itemNotFound')
  return { item, revision, isCurrent: revision === currentRevision(item) }
}

const described = (revision: Revision, { drive }: Target): Json => ({
  id: nameOf(revision),
  lastModifiedDateTime: formatTime(revision.modified, drive),
  size: revision.bytes.length,
  lastModifiedBy: identity(drive.owner),
})

/** The newest first, the current one among them. */
export function listVersions(_: Call, target: Target): Answer {
  const all = fileOf(target).revisions.toReversed()
  return ok({ value: all.map((revision) => described(revision, target)) })
}

export const getVersion = (_: Call, target: Target, id: string): Answer =>
  ok(described(found(target, id).revision, target))

export function getVersionContent(call: Call, target: Target, id: string): Answer {
  const { item, revision, isCurrent } = found(target, id)
  if (isCurrent) throw invalid('You cannot get the content of the current version.')
  return { status: 302, headers: { Location: downloadUrl(viewOf(call, target), item, revision.id) } }
}

/** The bytes of that version become those of a new one. */
export async function restoreVersion(call: Call, target: Target, id: string): Promise<Answer> {
  await readNothing(call.incoming)
  const { item, revision, isCurrent } = found(target, id)
  checkLock(item)
  if (isCurrent) throw invalid('The current version cannot be restored.')
  const revisionFacts = { version: nextVersion(item) }
  call.service.tree.write(item.id, revision.bytes, { revisionFacts })
  return noContent
}

export function deleteVersion(call: Call, target: Target, id: string): Answer {
  const { item, revision, isCurrent } = found(target, id)
  if (target.drive.type === 'personal')
    throw new GraphError('notSupported', { message: 'Versions cannot be deleted on OneDrive Personal.' })
  if (isCurrent) throw invalid('You cannot delete the current version.')
  call.service.tree.removeRevision(item.id, revision.id)
  return noContent
}
