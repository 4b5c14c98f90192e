import type { CloudTree } from '../cloud-tree/cloud-tree.ts'
import type { Item, Revision } from '../cloud-tree/item.ts'
import { lookupProblem, writeProblem, tagged } from './api-error.ts'
import type { Call } from './call.ts'
import { checkNewName, isBeyondBasic, isMalformed } from './names.ts'
import type { State } from './state.ts'

/** Names from a folder down, as a path says them. */
export interface Route {
  readonly from: string
  readonly names: readonly string[]
}

/** `/a/b` from the root of the call, `ns:123/a/b` from that of a namespace. */
export function readRoute(call: Call, path: string, malformed: () => Error): Route {
  const space = /^ns:([0-9]+)(.*)$/s.exec(path)
  const [, id = '', rest = path] = space ?? []
  const from = space ? findNamespace(call, id) : call.base
  if (from === undefined) throw malformed()
  if (rest === '' || rest === '/') return { from, names: [] }
  const names = rest.slice(1).split('/')
  if (names.some((name) => isMalformed(name) || (!call.state.emoji && isBeyondBasic(name)))) throw malformed()
  return { from, names }
}

/** The folder that a namespace is, when the caller may see it. */
export function findNamespace({ state, account, base }: Call, id: string): string | undefined {
  const folder = state.namespaces.get(id)
  if (folder === undefined || account === undefined) return undefined
  return isOpenTo(state, account.root, id) || folder === base ? folder : undefined
}

/** A namespace is open to those whose root it is, and who have it inside of that. */
export function isOpenTo({ tree, namespaces }: State, root: string, id: string): boolean {
  const folder = namespaces.get(id)
  const around = namespaces.get(root)
  if (folder === undefined || around === undefined) return false
  return tree.get(folder) !== undefined && tree.isWithin(folder, around) && !tree.isTrashed(folder)
}

export function itemAt(tree: CloudTree, { from, names }: Route): Item | undefined {
  return names.reduce<Item | undefined>((item, name) => item && tree.named(item.id, name)[0], tree.get(from))
}

export interface Found {
  readonly item: Item
  /** Of `rev:`. */
  readonly revision?: Revision | undefined
}

/** @throws not_found, malformed_path */
export function lookUp(call: Call, path: string): Found {
  const { tree } = call.state
  if (path.startsWith('rev:')) return lookUpRevision(call, path.slice('rev:'.length))
  if (path.startsWith('id:')) {
    const [id = '', ...names] = path.split('/')
    const item = tree.get(id)
    if (!item || tree.isTrashed(id) || !tree.isWithin(id, call.base)) throw lookupProblem('not_found')
    const found = itemAt(tree, { from: id, names })
    if (!found) throw lookupProblem('not_found')
    return { item: found }
  }
  // A slash too many at the start is let pass here: rclone lists what is in the root so.
  const route = readRoute(call, path.replace(/^\/\//, '/'), () => lookupProblem('malformed_path'))
  const item = itemAt(tree, route)
  if (!item) throw lookupProblem('not_found')
  return { item }
}

/** What was deleted is still there by its revisions. */
function lookUpRevision({ state: { tree }, base }: Call, id: string): Found {
  for (const item of tree.items()) {
    const revision = item.revisions.find((one) => one.id === id)
    if (revision && tree.isWithin(item.id, base)) return { item, revision }
  }
  throw lookupProblem('not_found')
}

export function lookUpFile(call: Call, path: string): Found {
  const found = lookUp(call, path)
  if (found.item.kind !== 'file') throw lookupProblem('not_file')
  return found
}

/** Where something is to be written. */
export interface Target {
  /** The deepest folder that is there. */
  readonly folder: Item
  /** Folders that are still missing, from the outside in. */
  readonly missing: readonly string[]
  readonly name: string
  readonly existing: Item | undefined
}

/** @throws malformed_path, disallowed_name, conflict/file_ancestor, no_write_permission */
export function targetOf(call: Call, path: string): Target {
  const { tree } = call.state
  const route = path.startsWith('id:') ? routeOfId(call, path) : readRoute(call, path, malformedTarget)
  const name = route.names.at(-1)
  if (name === undefined) throw malformedTarget()
  let folder = tree.need(route.from)
  const parents = route.names.slice(0, -1)
  let known = 0
  for (const parent of parents) {
    const next = tree.named(folder.id, parent)[0]
    if (!next) break
    if (next.kind === 'file') throw writeProblem('conflict', tagged('file_ancestor'))
    folder = next
    known += 1
  }
  const missing = parents.slice(known)
  const existing = missing.length > 0 ? undefined : tree.named(folder.id, name)[0]
  for (const one of [...missing, ...(existing ? [] : [name])]) checkNewName(one)
  checkWritable(tree, folder)
  return { folder, missing, name, existing }
}

const malformedTarget = (): Error => writeProblem('malformed_path')

function routeOfId(call: Call, path: string): Route {
  const { tree } = call.state
  const [id = '', ...names] = path.split('/')
  const item = tree.get(id)
  if (!item || tree.isTrashed(id) || !tree.isWithin(id, call.base) || names.some(isMalformed)) throw malformedTarget()
  if (names.length > 0) return { from: id, names }
  const [parent] = item.parents
  if (parent === undefined || id === call.base) throw malformedTarget()
  return { from: parent, names: [item.name] }
}

export const isSharedFolder = ({ facts }: Item): boolean => typeof facts.sharedFolderId === 'string'

/** @throws no_write_permission */
export function checkWritable(tree: CloudTree, item: Item): void {
  for (let at: Item | undefined = item; at; at = tree.get(at.parents[0] ?? '')) {
    if (at.facts.readOnly === true) throw writeProblem('no_write_permission')
  }
}

/** Makes what is missing around the target. @returns the folder that it goes into */
export function makeParents(tree: CloudTree, { folder, missing }: Target): Item {
  return missing.reduce((around, name) => tree.addFolder({ name, parents: [around.id] }), folder)
}

/** Names below the root of the call. */
export function namesBelow({ state: { tree }, base }: Call, item: Item): readonly string[] {
  return tree.pathOf(item.id).slice(tree.pathOf(base).length)
}

/** The place in the tree as the index of names has it: what a path was, whatever stands there now. */
export const lowerPlace = (tree: CloudTree, item: Item): string => tree.pathOf(item.id).join('/').toLowerCase()

/** The place at which a revision was written. */
export function placeOfRevision(tree: CloudTree, item: Item, revision: Revision): string {
  const { place } = revision.facts
  return typeof place === 'string' ? place : lowerPlace(tree, item)
}
