import type { Operation, TreeSource } from '@filegate/core'
import { z } from 'zod'
import { type Address, addressOf, itemPath } from './address.ts'
import type { Connection } from './connection.ts'
import type { OneDriveItem } from './item.ts'
import { nextPage, queryOfPage } from './next-page.ts'

const text = z.string().nullish()
const identity = z.object({ id: text, email: text }).nullish()
const identities = z.object({ user: identity, group: identity, siteUser: identity }).nullish()

const permission = z.object({
  id: z.string(),
  roles: z.array(z.string()).nullish(),
  link: z.object({ type: text, scope: text }).nullish(),
  grantedTo: identities,
  grantedToV2: identities,
  inheritedFrom: z.unknown().optional(),
})

type Permission = z.output<typeof permission>

const permissionPage = z.object({ value: z.array(permission), '@odata.nextLink': text })

async function permissionsAt({ graph }: Connection, address: Address, { signal }: Operation): Promise<Permission[]> {
  const all: Permission[] = []
  let cursor: string | undefined
  do {
    const call = {
      method: 'GET',
      path: `${itemPath(address)}/permissions`,
      query: queryOfPage(cursor),
      signal,
    } as const
    const page = permissionPage.parse(await graph.json(call))
    all.push(...page.value)
    cursor = nextPage(page['@odata.nextLink'], cursor)
  } while (cursor !== undefined)
  return all
}

/** Those that an item has of its own. What its folder gives it, and who owns it, no copy takes along. */
async function ownPermissions(connection: Connection, item: OneDriveItem, options: Operation): Promise<Permission[]> {
  const address = addressOf(item.id)
  const found = (await permissionsAt(connection, address, options)).filter(
    ({ inheritedFrom, roles }) => !inheritedFrom && !roles?.includes('owner'),
  )
  // Drives of organizations do not tell which ones come from the folder.
  const around = found.length > 0 && item.parent !== undefined && connection.drive.type !== 'personal'
  if (!around) return found
  const given = await permissionsAt(connection, { drive: address.drive, item: item.parent ?? '' }, options)
  const inherited = new Set(given.map(({ id }) => id))
  return found.filter(({ id }) => !inherited.has(id))
}

/** Gives a copy the permissions of its original, or tells which it lacks, as `metadata_permissions` says. */
export async function carryPermissions(
  connection: Connection,
  from: OneDriveItem,
  to: Address,
  options: Operation,
): Promise<void> {
  const { reads, writes, mayFail } = connection.options.metadata_permissions
  if (!reads && !writes) return
  try {
    const own = await ownPermissions(connection, from, options)
    if (writes) for (const one of own) await grant(connection, to, one, options)
    else if (own.length > 0) {
      connection.log.info('A copy does not have the permissions of its original.', {
        item: to.item,
        lacking: own.map(({ roles, link }) => link?.type ?? roles?.join(' ') ?? ''),
      })
    }
  } catch (error) {
    if (!mayFail || options.signal?.aborted) throw error
    connection.log.warn('The permissions of a copy could not be set.', { item: to.item, error: String(error) })
  }
}

/**
 * Those that an item has of its own, as a list in JSON, where `metadata_permissions` says that they are read. Links are told
 * without their addresses, which anybody could use.
 */
export function permissionsReader(connection: Connection): TreeSource<OneDriveItem>['metadata'] {
  const { reads, mayFail } = connection.options.metadata_permissions
  if (!reads) return undefined
  return async (item, { signal }) => {
    try {
      return { permissions: JSON.stringify(await ownPermissions(connection, item, { signal })) }
    } catch (error) {
      if (!mayFail || signal?.aborted) throw error
      connection.log.warn('The permissions of an item could not be read.', { item: item.id, error: String(error) })
      return {}
    }
  }
}

/** As a link of the same kind, or as an invitation that nobody is written to about. */
async function grant(
  { graph }: Connection,
  to: Address,
  { link, roles, ...granted }: Permission,
  { signal }: Operation,
): Promise<void> {
  if (link) {
    const body = { type: link.type ?? 'view', scope: link.scope ?? 'anonymous' }
    await graph.done({ method: 'POST', path: `${itemPath(to)}/createLink`, body, signal })
    return
  }
  const who = granted.grantedToV2 ?? granted.grantedTo
  const whoever = who?.user ?? who?.group ?? who?.siteUser
  const recipient = whoever?.email ? { email: whoever.email } : whoever?.id ? { objectId: whoever.id } : undefined
  if (!recipient) return
  const body = { recipients: [recipient], roles: roles ?? ['read'], requireSignIn: true, sendInvitation: false }
  await graph.done({ method: 'POST', path: `${itemPath(to)}/invite`, body, signal })
}
