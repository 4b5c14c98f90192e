import type { Item } from '../cloud-tree/item.ts'
import { cTagOf, eTagOf } from './item-resource.ts'
import { GraphError, invalid } from './graph-error.ts'
import { checkName, checkPathLength, freeName } from './names.ts'
import type { Call, Drive, Service, Target } from './service.ts'

/** @throws itemNotFound */
export function itemOf({ item }: Target): Item {
  if (item === undefined) throw new GraphError('itemNotFound')
  return item
}

/** @throws invalidRequest for a file */
export function folderOf(target: Target): Item {
  const item = itemOf(target)
  if (item.kind !== 'folder' || item.facts.remote !== undefined)
    throw invalid('Operation not supported: the item is not a folder.')
  return item
}

export type Behavior = 'fail' | 'replace' | 'rename'

export function behaviorOf(given: string | undefined, usual: Behavior): Behavior {
  if (given === undefined) return usual
  if (given !== 'fail' && given !== 'replace' && given !== 'rename')
    throw invalid(`Invalid value '${given}' for @microsoft.graph.conflictBehavior.`)
  return given
}

export interface Place {
  readonly parent: Item
  readonly name: string
  /** What is there already and is to be replaced. */
  readonly taken: Item | undefined
}

/**
 * Where something of that name goes.
 * @throws nameAlreadyExists, invalidRequest
 */
export function findPlace({ tree }: Service, parent: Item, name: string, behavior: Behavior, self?: Item): Place {
  checkName(name)
  checkPathLength([...tree.pathOf(parent.id), name])
  const taken = tree.named(parent.id, name).find(({ id }) => id !== self?.id)
  if (taken === undefined) return { parent, name, taken }
  if (behavior === 'fail') throw new GraphError('nameAlreadyExists')
  if (behavior === 'replace') return { parent, name, taken }
  return { parent, name: freeName(name, (free) => tree.named(parent.id, free).length > 0), taken: undefined }
}

function matches(header: string, service: Service, item: Item, drive: Drive): boolean {
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll('"', '')
  const own = [eTagOf(item, drive), cTagOf(service, item, drive) ?? ''].map(plain)
  // Tags hold commas themselves, without a space behind them.
  return header.trim() === '*' || header.split(/, +/).some((tag) => own.includes(plain(tag)))
}

/** @throws resourceModified when `If-Match` or `If-None-Match` says so. A tag of the content counts as well. */
export function checkConditions({ headers, service }: Call, { drive, item }: Target): void {
  const { 'if-match': match, 'if-none-match': noMatch } = headers
  if (match !== undefined && (item === undefined || !matches(match, service, item, drive)))
    throw new GraphError('resourceModified', { inner: 'entityTagDoesNotMatch' })
  if (noMatch !== undefined && item !== undefined && matches(noMatch, service, item, drive))
    throw new GraphError('resourceModified', { inner: 'entityTagDoesNotMatch' })
}

export function isUnchanged({ headers, service }: Call, { drive, item }: Target): boolean {
  const { 'if-none-match': noMatch } = headers
  return noMatch !== undefined && item !== undefined && matches(noMatch, service, item, drive)
}

/** @throws resourceLocked while somebody else has it open */
export function checkLock(item: Item | undefined): void {
  if (item?.facts.locked !== undefined) throw new GraphError('resourceLocked', { inner: 'resourceLocked' })
}

export const viewOf = ({ service, cloud }: Call, { drive }: Pick<Target, 'drive'>) => ({ service, cloud, drive })
