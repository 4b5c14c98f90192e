import { once } from 'node:events'
import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import type { Item } from '../cloud-tree/item.ts'
import { asPath, badInput, endpointError, lookupProblem, said, saying, tagged } from './api-error.ts'
import type { ArgumentOf, ListFolderArgument } from './arguments.ts'
import type { Call } from './call.ts'
import { type Cursor, keepCursor } from './cursors.ts'
import { deletedEntry, type Entry, entryOf, exportsOf } from './metadata.ts'
import { isSharedFolder, itemAt, lookUp, namesBelow } from './places.ts'

function findFolder(call: Call, path: string): Item {
  if (path === '') return call.state.tree.need(call.base)
  const { item } = lookUp(call, path)
  if (item.kind === 'file') throw lookupProblem('not_folder')
  return item
}

function isShown(
  { state: { tree } }: Call,
  { argument, folder }: Pick<Cursor, 'argument' | 'folder'>,
  item: Item,
): boolean {
  if (!argument.include_non_downloadable_files && exportsOf(item)) return false
  if (argument.include_mounted_folders) return true
  // The folder that is mounted is shown; what is in it is not, unless that is what was asked for.
  const above = (one: Item): Item | undefined => tree.get(one.parents[0] ?? '')
  for (let at = above(item); at && at.id !== folder; at = above(at)) if (isSharedFolder(at)) return false
  return true
}

/** Everything that is in the folder now. With `recursive` the folder itself comes first, as the service has it. */
function snapshot(call: Call, folder: Item, argument: ListFolderArgument): Entry[] {
  const { tree } = call.state
  const scope = { argument, folder: folder.id }
  const around = namesBelow(call, folder)
  const entries: Entry[] = argument.recursive && folder.id !== call.base ? [entryOf(call, folder)] : []
  const walk = (parent: Item, names: readonly string[]): void => {
    for (const item of tree.children(parent.id)) {
      if (!isShown(call, scope, item)) continue
      entries.push(entryOf(call, item))
      if (argument.recursive && item.kind === 'folder') walk(item, [...names, item.name])
    }
    if (argument.include_deleted) entries.push(...goneFrom(call, parent, names))
  }
  walk(folder, around)
  return entries
}

function goneFrom(call: Call, parent: Item, names: readonly string[]): Entry[] {
  const { tree } = call.state
  const gone = tree
    .children(parent.id, true)
    .filter((item) => item.trashed && tree.named(parent.id, item.name).length === 0)
  const byName = new Map(gone.map((item) => [item.name.toLowerCase(), item]))
  return [...byName.values()].map((item) => deletedEntry(call, [...names, item.name]))
}

function firstCursor(call: Call, argument: ListFolderArgument, withEntries: boolean): Cursor {
  const folder = saying(asPath, () => findFolder(call, argument.path))
  return {
    argument,
    owner: call.account?.accountId,
    base: call.base,
    folder: folder.id,
    pending: withEntries ? snapshot(call, folder, argument) : [],
    sequence: call.state.tree.sequence,
    isReset: false,
  }
}

function pageOf(call: Call, cursor: Cursor): files.ListFolderResult {
  const size = Math.min(cursor.argument.limit ?? call.state.limits.page, call.state.limits.page)
  const pending = cursor.pending.slice(size)
  return {
    entries: cursor.pending.slice(0, size),
    cursor: keepCursor(call.state, { ...cursor, pending }),
    has_more: pending.length > 0,
  }
}

export const listFolder = (call: Call, argument: ListFolderArgument): files.ListFolderResult =>
  pageOf(call, firstCursor(call, argument, true))

export const latestCursor = (call: Call, argument: ListFolderArgument): files.ListFolderGetLatestCursorResult => ({
  cursor: keepCursor(call.state, firstCursor(call, argument, false)),
})

function findCursor({ state, account }: Call, id: string): Cursor {
  const cursor = state.cursors.get(id)
  if (!cursor || (account && cursor.owner !== account.accountId)) {
    throw badInput(`request body: cursor: Invalid "cursor" parameter: '${id}'`)
  }
  if (cursor.isReset) throw endpointError(tagged('reset'))
  return cursor
}

/** A namespace in which a cursor does not belong gives a new start, as after a change of the root. */
export function continueListing(call: Call, argument: ArgumentOf<'cursor'>): files.ListFolderResult {
  const cursor = findCursor(call, argument.cursor)
  if (cursor.base !== call.base) throw endpointError(tagged('reset'))
  if (cursor.pending.length > 0) return pageOf(call, cursor)
  const { tree } = call.state
  if (!tree.get(cursor.folder) || tree.isTrashed(cursor.folder)) {
    throw said(asPath, lookupProblem('not_found'))
  }
  return pageOf(call, { ...cursor, pending: news(call, cursor), sequence: tree.sequence })
}

type Places = Map<string, readonly string[]>

/** Every place in the folder at which something changed, in the order of the changes, and those that a folder has left. */
function changedPlaces(call: Call, cursor: Cursor): { readonly touched: Places; readonly left: Places } {
  const { tree } = call.state
  const [touched, left]: [Places, Places] = [new Map(), new Map()]
  const note = (places: Places, path: readonly string[] | undefined): void => {
    const names = path && namesWithin(call, cursor, path)
    if (!names) return
    const key = names.join('/').toLowerCase()
    // What is said later comes later.
    places.delete(key)
    places.set(key, names)
  }
  const noteContents = (id: string): void => {
    for (const item of tree.below(id)) note(touched, tree.pathOf(item.id))
  }
  for (const change of tree.changesSince(cursor.sequence)) {
    const { pathBefore, path, after, before } = change
    const isElsewhere = pathBefore !== undefined && pathBefore.join('/') !== path.join('/')
    if (isElsewhere) note(touched, pathBefore)
    note(touched, path)
    const isBack = before?.trashed === true && after?.trashed === false
    if (after?.kind === 'folder' && (isElsewhere || isBack) && tree.get(after.id)) noteContents(after.id)
    if (before?.kind === 'folder' && (isElsewhere || !after || after.trashed)) note(left, pathBefore)
  }
  // Where another folder stands now, it is told of anew with its contents, after the end of the one before.
  for (const names of left.values()) {
    const item = itemAt(tree, { from: cursor.base, names })
    if (item?.kind !== 'folder') continue
    note(touched, tree.pathOf(item.id))
    noteContents(item.id)
  }
  return { touched, left }
}

/** What has become of the places at which something changed. */
function news(call: Call, cursor: Cursor): Entry[] {
  const { touched, left } = changedPlaces(call, cursor)
  const found = [...touched].map(([key, names]) => {
    return { key, names, item: itemAt(call.state.tree, { from: cursor.base, names }) }
  })
  const gone = new Set(found.filter(({ item }) => !item).map(({ key }) => key))
  return found.flatMap(({ key, names, item }): Entry[] => {
    // A folder that is gone says all about what was in it.
    if (!item) return isBelowOne(gone, names) ? [] : [deletedEntry(call, names)]
    const before = left.has(key) && item.kind === 'folder' ? [deletedEntry(call, names)] : []
    return isShown(call, cursor, item) ? [...before, entryOf(call, item)] : before
  })
}

const isBelowOne = (gone: ReadonlySet<string>, names: readonly string[]): boolean =>
  names.some((_, place) => place > 0 && gone.has(names.slice(0, place).join('/').toLowerCase()))

/** Names below the root of the call, when the listing covers that place. */
function namesWithin(
  { state: { tree } }: Call,
  cursor: Cursor,
  path: readonly string[],
): readonly string[] | undefined {
  const folder = tree.pathOf(cursor.folder)
  const depth = path.length - folder.length
  const lies = folder.every((name, place) => path[place]?.toLowerCase() === name.toLowerCase())
  if (!lies || depth < 1 || (depth > 1 && !cursor.argument.recursive)) return undefined
  return path.slice(tree.pathOf(cursor.base).length)
}

/** Answers when something changes, or when the time is over. */
export async function longpoll(call: Call, argument: ArgumentOf<'longpoll'>): Promise<files.ListFolderLongpollResult> {
  const { tree, limits } = call.state
  const cursor = findCursor(call, argument.cursor)
  // Nobody says here whose cursor it is: it speaks for itself.
  const own = { ...call, base: cursor.base }
  const hasNews = (): boolean => cursor.pending.length > 0 || news(own, cursor).length > 0
  const over = AbortSignal.any([call.signal, AbortSignal.timeout(argument.timeout * limits.longpollSecond)])
  while (!hasNews()) {
    const heard = Promise.withResolvers<boolean>()
    const stop = tree.onChange(() => heard.resolve(true))
    const ended = once(over, 'abort').then(() => false)
    const isChanged = over.aborted ? false : await Promise.race([heard.promise, ended])
    stop()
    if (call.state.cursors.get(argument.cursor)?.isReset) throw endpointError(tagged('reset'))
    if (!isChanged) return { changes: false }
  }
  return { changes: true }
}
