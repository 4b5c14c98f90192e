import type { Change } from '../cloud-tree/change-log.ts'
import type { Item } from '../cloud-tree/item.ts'
import { type Answer, type Json, ok } from './answer.ts'
import { GraphError, invalid } from './graph-error.ts'
import { parentReference } from './item-resource.ts'
import { shown } from './items.ts'
import { itemOf, viewOf } from './place.ts'
import { makeToken, pageSizeOf, readPagingToken } from './query.ts'
import type { Call, Drive, Target } from './service.ts'

// Source: driveItem: delta.

interface Position {
  /** Changes after this one; below zero everything that is there. */
  readonly since: number
  /** What had happened when the first page was asked for. */
  readonly until: number
  readonly from: number
}

/** @param given the token that stands in the path, if one does */
export function delta(call: Call, target: Target, given: string | undefined): Answer {
  const { service, query, cloud } = call
  if (cloud.limited) throw new GraphError('notImplemented', { message: 'Delta is not supported in this cloud.' })
  if (itemOf(target).id !== target.drive.root) throw invalid('Delta is supported on the root of a drive only.')
  const token = given ?? query.get('token') ?? query.get('$skiptoken')
  const now = service.tree.sequence
  if (token === 'latest')
    return ok({
      ...context(call),
      value: [],
      '@odata.deltaLink': link(call, target.drive, { since: now, until: now, from: 0 }),
    })
  const position = positionOf(call, target.drive, token)
  const size = pageSizeOf(query, service.pageSize)
  const all = position.since < 0 ? everything(call, target.drive) : changed(call, target.drive, position)
  const page = all.slice(position.from, position.from + size)
  const done = position.from + size >= all.length
  const { until } = position
  return ok({
    ...context(call),
    value: page.map((item) => described(call, target, item)),
    ...(done
      ? { '@odata.deltaLink': link(call, target.drive, { since: until, until, from: 0 }) }
      : { '@odata.nextLink': link(call, target.drive, { ...position, from: position.from + size }) }),
  })
}

const context = ({ cloud }: Call): Json => ({
  '@odata.context': `https://${cloud.graph}/v1.0/$metadata#Collection(driveItem)`,
})

/** Personal drives have the token in the path, the others in the query. */
function link(call: Call, drive: Drive, { since, until, from }: Position): string {
  const token = makeToken({ drive: drive.id, era: call.service.deltaEra, since, until, from })
  const next = new URL(call.url)
  next.pathname = next.pathname.replace(
    /delta(?:\([^)]*\))?$/,
    drive.type === 'personal' ? `delta(token='${token}')` : 'delta',
  )
  next.searchParams.delete('$skiptoken')
  next.searchParams.delete('token')
  if (drive.type !== 'personal') next.searchParams.set('token', token)
  // What a client asked to be shown is asked for again; the size of a page only while there are more.
  return next.href
}

function positionOf(call: Call, drive: Drive, token: string | undefined): Position {
  const { service } = call
  const until = service.tree.sequence
  if (token === undefined || token === '') return { since: -1, until, from: 0 }
  if (drive.type !== 'personal' && !Number.isNaN(Date.parse(token)))
    return { since: before(call, Date.parse(token)), until, from: 0 }
  const known = readPagingToken(token)
  if (known?.get('drive') !== drive.id)
    throw invalid('The provided delta token is not valid.', 'invalidParameterFormat')
  const [since, was, from] = ['since', 'until', 'from'].map((name) => Number(known.get(name)))
  if (was === undefined || since === undefined || from === undefined)
    throw invalid('The provided delta token is not valid.')
  if (known.get('era') !== service.deltaEra) throw gone(call)
  return { since, until: from > 0 ? was : until, from }
}

/** Number of the last change until then. */
function before({ service }: Call, time: number): number {
  return (
    service.tree
      .changesSince(0)
      .filter((change) => change.time <= time)
      .at(-1)?.sequence ?? 0
  )
}

function gone(call: Call): GraphError {
  const again = new URL(call.url)
  again.pathname = again.pathname.replace(/delta(?:\([^)]*\))?$/, 'delta')
  again.searchParams.delete('token')
  return new GraphError('resyncRequired', { inner: 'resyncChangesApplyDifferences', headers: { Location: again.href } })
}

const everything = ({ service: { tree } }: Call, drive: Drive): readonly Item[] =>
  tree.below(drive.root).filter((item) => !tree.isTrashed(item.id))

/** Each item once, as it is now, the folders around it before it; what is gone as it was. */
function changed(call: Call, drive: Drive, { since, until }: Position): readonly Item[] {
  const { tree } = call.service
  const found = new Map<string, Item>()
  const isHere = (id: string): boolean =>
    tree.get(id) !== undefined && tree.rootOf(id) === drive.root && !tree.isTrashed(id)
  const ofDrive = tree.changesSince(since).filter((change) => change.sequence <= until && concerns(change, drive))
  for (const { id, after, before: was } of ofDrive) {
    const item = tree.get(id) ?? after ?? was
    if (item === undefined) continue
    if (!call.headers.deltaexcludeparent && isHere(id))
      for (const above of aboveOf(call, item)) if (!found.has(above.id)) found.set(above.id, above)
    later(found, item)
    // With a folder goes, and comes back, what is in it.
    if (tree.get(id) && (!isHere(id) || wasGone(ofDrive, id))) {
      for (const inside of tree.below(id))
        if (inside.id !== id && (!isHere(id) || isHere(inside.id))) later(found, inside)
    }
  }
  return [...found.values()]
}

/** The last change of an item is the place at which it is told. */
function later(found: Map<string, Item>, item: Item): void {
  found.delete(item.id)
  found.set(item.id, item)
}

const wasGone = (changes: readonly Change[], id: string): boolean =>
  changes.some((change) => change.id === id && change.what === 'restored')

const concerns = ({ root, rootBefore }: Change, drive: Drive): boolean =>
  root === drive.root || rootBefore === drive.root

function aboveOf({ service: { tree } }: Call, item: Item): readonly Item[] {
  const above: Item[] = []
  for (let at = tree.get(item.parents[0] ?? ''); at; at = tree.get(at.parents[0] ?? '')) above.unshift(at)
  return above
}

function described(call: Call, target: Target, item: Item): Json {
  const { tree } = call.service
  const { drive } = target
  const view = viewOf(call, target)
  const there = tree.get(item.id)
  if (there && tree.rootOf(item.id) === drive.root && !tree.isTrashed(item.id)) {
    const { cTag, ...resource } = shown(call, view, there, false)
    return drive.type === 'personal' && cTag !== undefined ? { ...resource, cTag } : resource
  }
  const above = {
    driveType: drive.type,
    driveId: drive.id,
    ...(item.parents[0] !== undefined && { id: item.parents[0] }),
  }
  const facet = item.kind === 'folder' ? { folder: {} } : { file: {} }
  const parent = there && tree.rootOf(item.id) === drive.root ? parentReference(view, there, false) : above
  const kept = drive.type === 'personal' ? { name: item.name } : { size: 0 }
  return { id: item.id, ...kept, ...facet, parentReference: parent, deleted: { state: 'deleted' } }
}
