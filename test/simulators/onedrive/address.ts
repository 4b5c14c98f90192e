import type { Item } from '../cloud-tree/item.ts'
import { GraphError, invalid } from './graph-error.ts'
import { checkPathLength } from './names.ts'
import type { Call, Drive, Service, Target } from './service.ts'
import { shareOf } from './share-links.ts'

// Source: "Address resources in a drive on OneDrive"; OData version 4.01 Part 2, keys and parameter aliases.

export type Address =
  | { readonly kind: 'drives' }
  | { readonly kind: 'drive'; readonly drive: Drive; readonly tail: readonly string[] }
  | { readonly kind: 'item'; readonly target: Target; readonly tail: readonly string[] }
  | { readonly kind: 'share'; readonly target: Target; readonly shareId: string }

const noSegment = (segment: string | undefined): GraphError =>
  new GraphError('BadRequest', { message: `Resource not found for the segment '${segment ?? ''}'.` })

/** @param path what stands after the version, as it came */
export function readAddress(call: Call, path: string): Address {
  const [head, ...rest] = path.split('/').slice(1).map(decode)
  if (head === 'me') return ofUser(call, meOf(call), rest)
  if (head === 'users') return ofUser(call, userNamed(call.service, rest[0] ?? ''), rest.slice(1))
  if (head === 'drives') return ofDrive(call, driveNamed(call.service, rest[0] ?? ''), rest.slice(1))
  if (head === 'shares') return ofShare(call, rest)
  throw noSegment(head)
}

function decode(segment: string): string {
  // No name holds a colon, and what ends a path is not encoded.
  if (/%3a/i.test(segment))
    throw invalid('The name in the path contains characters that are not allowed.', 'invalidPath')
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) throw new GraphError('BadRequest', { message: 'The path is not valid UTF-8.' })
    throw error
  }
}

function meOf({ caller }: Call): string {
  if (caller.user === undefined)
    throw new GraphError('BadRequest', { message: '/me request is only valid with delegated authentication flow.' })
  return caller.user
}

function userNamed({ drives }: Service, name: string): string {
  const found = drives.find(({ owner }) => owner.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw new GraphError('itemNotFound', { message: `Resource '${name}' does not exist.` })
  return found.owner
}

function ofUser(call: Call, user: string, [head, ...rest]: readonly string[]): Address {
  if (head === 'drives' && rest.length === 0) return { kind: 'drives' }
  if (head !== 'drive') throw noSegment(head)
  const drive = call.service.drives.find((each) => each.owner === user && each.type !== 'documentLibrary')
  if (drive === undefined)
    throw new GraphError('itemNotFound', { message: "User's mysite not found.", inner: 'itemNotFound' })
  return ofDrive(call, drive, rest)
}

function driveNamed({ drives }: Service, id: string): Drive {
  const same = ({ id: known, type }: Drive): boolean =>
    type === 'personal' ? known.toLowerCase() === id.toLowerCase() : known === id
  const found = drives.find(same)
  if (found) return found
  if (/^[\da-f]{16}$/i.test(id) || /^b![\w-]{64}$/.test(id)) throw new GraphError('itemNotFound')
  throw invalid('The provided drive id appears to be malformed, or does not represent a valid drive.')
}

function ofDrive(call: Call, drive: Drive, segments: readonly string[]): Address {
  const [head, ...rest] = segments
  const root = call.service.tree.need(drive.root)
  if (head === 'root') return ofItem(call, drive, root, rest)
  if (head === 'root:') return ofPath(call, drive, root, rest)
  if (head === 'items') {
    const [id = '', ...tail] = rest
    if (!id.endsWith(':')) return ofItem(call, drive, itemIn(call.service, drive, id), tail)
    if (call.cloud.limited) throw invalid('A path after the id of an item is not supported in this cloud.')
    return ofPath(call, drive, itemIn(call.service, drive, id.slice(0, -1)), tail)
  }
  return { kind: 'drive', drive, tail: segments }
}

/** What is in the recycle bin is not there. */
function itemIn({ tree }: Service, drive: Drive, id: string): Item {
  if (id.toLowerCase() === 'root') return tree.need(drive.root)
  const item = tree.get(id) ?? tree.get(id.toUpperCase())
  if (!item || tree.rootOf(item.id) !== drive.root || tree.isTrashed(item.id)) throw new GraphError('itemNotFound')
  return item
}

/** `:/a/b:/content`, or `:/a/b` to the end. */
function ofPath(call: Call, drive: Drive, base: Item, segments: readonly string[]): Address {
  const end = segments.findIndex((segment) => segment.endsWith(':'))
  const names = (end === -1 ? segments : segments.slice(0, end + 1)).map((name, place) =>
    place === end ? name.slice(0, -1) : name,
  )
  if (names.length === 0 || names.includes('')) throw invalid('The path is empty, or a name in it is.', 'invalidPath')
  checkPathLength([...call.service.tree.pathOf(base.id), ...names])
  const target = walk(call.service, drive, base, names)
  return onward(call, target, end === -1 ? [] : segments.slice(end + 1))
}

function walk({ tree }: Service, drive: Drive, base: Item, names: readonly string[]): Target {
  let parent = base
  for (const name of names.slice(0, -1)) {
    const next = tree.named(parent.id, name)[0]
    if (!next || next.kind !== 'folder') throw new GraphError('itemNotFound')
    parent = next
  }
  const name = names.at(-1) ?? ''
  if (parent.kind !== 'folder') throw new GraphError('itemNotFound')
  return { drive, item: tree.named(parent.id, name)[0], place: { parent, name } }
}

const ofItem = (call: Call, drive: Drive, item: Item, tail: readonly string[]): Address =>
  onward(call, { drive, item, place: undefined }, tail)

/** `children('leaf')` and `children/leaf` lead to a child. */
function onward(call: Call, target: Target, tail: readonly string[]): Address {
  const [first = '', ...rest] = tail
  const [, quoted] = /^children\('(.*)'\)$/.exec(first) ?? []
  const key = quoted === undefined ? undefined : aliased(call, quoted).replaceAll("''", "'")
  if (key !== undefined) return onward(call, child(call.service, target, key), rest)
  const [leaf, ...after] = rest
  if (first === 'children' && leaf !== undefined) return onward(call, child(call.service, target, leaf), after)
  return {
    kind: 'item',
    target,
    tail: [first.replace(/^microsoft\.graph\./, ''), ...rest].filter((name) => name !== ''),
  }
}

/** A value may be given in the query: `children('@a1')?@a1='leaf'`. */
function aliased({ query }: Call, key: string): string {
  const value = /^@\w+$/.test(key) ? query.get(key) : undefined
  return value === undefined ? key : value.replace(/^'(.*)'$/s, '$1')
}

function child({ tree }: Service, { drive, item, byLink }: Target, key: string): Target {
  if (item?.kind !== 'folder') throw new GraphError('itemNotFound')
  const byId = tree.children(item.id).find(({ id }) => id === key)
  const found = byId ?? tree.named(item.id, key)[0]
  return { drive, item: found, place: { parent: item, name: key }, ...(byLink && { byLink }) }
}

function ofShare(call: Call, [encoded = '', head, ...rest]: readonly string[]): Address {
  const { item, shareId } = shareOf(call.service, encoded)
  const root = call.service.tree.rootOf(item.id)
  const drive = call.service.drives.find((each) => each.root === root)
  if (drive === undefined) throw new GraphError('itemNotFound')
  const target: Target = { drive, item, place: undefined, byLink: true }
  if (head === undefined) return { kind: 'share', target, shareId }
  if (head === 'driveItem' || head === 'root') return onward(call, target, rest)
  throw noSegment(head)
}
