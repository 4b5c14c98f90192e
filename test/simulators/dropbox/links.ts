import { randomBytes } from 'node:crypto'
import type { sharing } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import type { Item } from '../cloud-tree/item.ts'
import { asPath, badInput, endpointError, lookupProblem, saying, tagged } from './api-error.ts'
import type { ArgumentOf, LinkSettings, SharedLinkArgument } from './arguments.ts'
import type { Call, Download } from './call.ts'
import type { SharedLink } from './link-store.ts'
import { exportsOf, formatTime, needRevision } from './metadata.ts'
import { isMalformed } from './names.ts'
import { itemAt, lookUp, namesBelow } from './places.ts'

type LinkMetadata = sharing.FileLinkMetadataReference | sharing.FolderLinkMetadataReference

/** What the query says (`dl`) is how it is shown, not which it is; `rlkey` is. */
export function linkKey(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed) return url
  return `${parsed.host}${parsed.pathname}?${parsed.searchParams.get('rlkey') ?? ''}`
}

export function makeLink(call: Pick<Call, 'state'>, item: Item, owner: string, settings?: LinkSettings): SharedLink {
  const folder = item.kind === 'folder' ? 'fo' : 'fi'
  const id = randomBytes(15).toString('hex').slice(0, 21)
  const key = randomBytes(18).toString('hex').slice(0, 25)
  const url = `https://www.dropbox.com/scl/${folder}/${id}/${encodeURIComponent(item.name)}?rlkey=${key}&dl=0`
  const link = { url, item: item.id, owner, settings }
  call.state.links.set(linkKey(url), link)
  return link
}

function visibilityOf(settings: LinkSettings | undefined): 'public' | 'password' | 'team_only' {
  if (settings?.require_password === true || settings?.requested_visibility?.tag === 'password') return 'password'
  return settings?.audience?.tag === 'team' || settings?.requested_visibility?.tag === 'team_only'
    ? 'team_only'
    : 'public'
}

export function linkMetadata(call: Call, link: SharedLink, item: Item): LinkMetadata {
  const { tree } = call.state
  const isOwn = call.account?.accountId === link.owner && tree.isWithin(item.id, call.base)
  const common = {
    url: link.url,
    id: item.id,
    name: item.name,
    ...(link.settings?.expires !== undefined && { expires: formatTime(link.settings.expires) }),
    ...(isOwn && { path_lower: `/${namesBelow(call, item).join('/')}`.toLowerCase() }),
    link_permissions: permissionsOf(link, isOwn),
  }
  if (item.kind === 'folder') return { '.tag': 'folder', ...common }
  const { id: rev, bytes, modified, received } = needRevision(item)
  const times = { client_modified: formatTime(modified), server_modified: formatTime(received) }
  return { '.tag': 'file', ...common, ...times, rev, size: bytes.length }
}

function permissionsOf({ settings }: SharedLink, isOwn: boolean): sharing.LinkPermissions {
  const visibility = { '.tag': visibilityOf(settings) }
  return {
    resolved_visibility: visibility,
    requested_visibility: visibility,
    can_revoke: isOwn,
    visibility_policies: [],
    can_set_expiry: false,
    can_remove_expiry: false,
    allow_download: settings?.allow_download ?? true,
    can_allow_download: true,
    can_disallow_download: false,
    allow_comments: true,
    team_restricts_comments: false,
  }
}

/** @throws settings_error */
function checkSettings({ state, account }: Call, settings: LinkSettings | undefined): void {
  if (!settings) return
  const { require_password: required, link_password: password, expires, requested_visibility: requested } = settings
  const needsPassword = required === true || requested?.tag === 'password'
  const isEmpty = Object.values(settings).every((value) => value === undefined)
  if (isEmpty || (needsPassword && !password) || (expires !== undefined && expires < state.tree.now())) {
    throw endpointError(tagged('settings_error', tagged('invalid_settings')))
  }
  // What costs money.
  const isPaid = account?.memberId !== undefined
  if (!isPaid && (needsPassword || expires !== undefined || settings.audience?.tag === 'team')) {
    throw endpointError(tagged('settings_error', tagged('not_authorized')))
  }
}

export function createLink(call: Call, argument: ArgumentOf<'createLink'>): LinkMetadata {
  const { item } = saying(asPath, () => {
    const found = lookUp(call, argument.path)
    if (found.item.id === call.base) throw lookupProblem('malformed_path')
    return found
  })
  const owner = call.account?.accountId ?? ''
  const known = [...call.state.links.values()].find((link) => link.item === item.id && link.owner === owner)
  if (known) {
    const metadata = argument.settings === undefined && {
      ...tagged('metadata'),
      metadata: linkMetadata(call, known, item),
    }
    throw endpointError(
      metadata
        ? { '.tag': 'shared_link_already_exists', shared_link_already_exists: metadata }
        : tagged('shared_link_already_exists'),
    )
  }
  checkSettings(call, argument.settings)
  return linkMetadata(call, makeLink(call, item, owner, argument.settings), item)
}

export function listLinks(call: Call, argument: ArgumentOf<'listLinks'>): sharing.ListSharedLinksResult {
  const { tree, links } = call.state
  const { path, direct_only: direct = false, cursor } = argument
  if (cursor !== undefined && !/^\d+$/.test(cursor)) throw endpointError(tagged('reset'))
  const item = path === undefined ? undefined : saying(asPath, () => lookUp(call, path)).item
  const fitting = [...links.values()].filter((link) => {
    if (link.owner !== call.account?.accountId || !tree.get(link.item) || tree.isTrashed(link.item)) return false
    return !item || link.item === item.id || (!direct && tree.isWithin(item.id, link.item))
  })
  const start = Number(cursor ?? 0)
  const page = item ? fitting : fitting.slice(start, start + call.state.limits.page)
  const hasMore = !item && start + page.length < fitting.length
  return {
    links: page.map((link) => linkMetadata(call, link, tree.need(link.item))),
    has_more: hasMore,
    ...(hasMore && { cursor: String(start + page.length) }),
  }
}

function findLink(
  call: Call,
  { url, path, link_password: password }: SharedLinkArgument,
): { link: SharedLink; item: Item } {
  const { tree, links } = call.state
  const link = links.get(linkKey(url))
  const linked = link && tree.get(link.item)
  const isOver = link?.settings?.expires !== undefined && link.settings.expires <= tree.now()
  if (!link || !linked || tree.isTrashed(linked.id) || isOver) throw endpointError(tagged('shared_link_not_found'))
  const isOwn = call.account?.accountId === link.owner
  const visibility = visibilityOf(link.settings)
  if (!isOwn && visibility === 'password' && password !== link.settings?.link_password) {
    throw endpointError(tagged('shared_link_access_denied'))
  }
  if (!isOwn && visibility === 'team_only' && call.account?.memberId === undefined) {
    throw endpointError(tagged('shared_link_access_denied'))
  }
  if (path === undefined) return { link, item: linked }
  const names = path.slice(1).split('/')
  if (linked.kind === 'file') throw endpointError(tagged('unsupported_parameter_field'))
  if (names.some(isMalformed)) throw badInput('path: malformed path')
  const item = itemAt(tree, { from: linked.id, names })
  if (!item) throw endpointError(tagged('shared_link_not_found'))
  return { link, item }
}

export function getLinkMetadata(call: Call, argument: SharedLinkArgument): LinkMetadata {
  const { link, item } = findLink(call, argument)
  return linkMetadata(call, link, item)
}

export function getLinkFile(call: Call, argument: SharedLinkArgument): Download {
  const { link, item } = findLink(call, argument)
  if (item.kind === 'folder') throw endpointError(tagged('shared_link_is_directory'))
  if (link.settings?.allow_download === false) throw endpointError(tagged('shared_link_access_denied'))
  if (exportsOf(item)) throw endpointError(tagged('unsupported_link_type'))
  const { bytes } = needRevision(item)
  return { bytes, result: linkMetadata(call, link, item), rev: undefined, hasRanges: false }
}

export function modifyLink(call: Call, argument: ArgumentOf<'modifyLink'>): LinkMetadata {
  const { links, tree } = call.state
  const key = linkKey(argument.url)
  const link = links.get(key)
  if (!link || tree.isTrashed(link.item)) throw endpointError(tagged('shared_link_not_found'))
  if (link.owner !== call.account?.accountId) throw endpointError(tagged('shared_link_access_denied'))
  if (!argument.remove_expiration) checkSettings(call, argument.settings)
  const given = Object.entries(argument.settings).filter(([, value]) => value !== undefined)
  const settings = { ...argument.settings, ...link.settings, ...Object.fromEntries(given) }
  const modified = { ...link, settings: argument.remove_expiration ? { ...settings, expires: undefined } : settings }
  links.set(key, modified)
  return linkMetadata(call, modified, tree.need(link.item))
}

export function revokeLink(call: Call, argument: ArgumentOf<'revokeLink'>): undefined {
  const { links } = call.state
  const key = linkKey(argument.url)
  const link = links.get(key)
  if (!link) throw endpointError(tagged('shared_link_not_found'))
  if (link.owner !== call.account?.accountId) throw endpointError(tagged('shared_link_access_denied'))
  links.delete(key)
}
