import type { ListOptions, Operation, Page } from '@filegate/core'
import { z } from 'zod'
import { allPages } from './all-pages.ts'
import type { Carrying } from './carry-over.ts'
import { type Connection, everywhere } from './connection.ts'
import { type Resource, resource } from './resource.ts'

const text = z.string().optional()

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions */
const permission = z.object({
  type: z.string(),
  role: z.string(),
  emailAddress: text,
  domain: text,
  allowFileDiscovery: z.boolean().optional(),
  expirationTime: text,
  view: text,
  deleted: z.boolean().optional(),
  pendingOwner: z.boolean().optional(),
  permissionDetails: z.array(z.object({ inherited: z.boolean().optional() })).optional(),
})
type Permission = z.output<typeof permission>

const permissions = z.object({ permissions: z.array(permission).default([]), nextPageToken: text })
const fields = `nextPageToken,permissions(${Object.keys(permission.shape).join(',')})`

/** With whom a file is shared. What a folder gives on does not count, nor whom it belongs to. */
export async function permissionsOf({ vendor, keys }: Connection, from: Resource, { signal }: Operation) {
  const asked = { headers: keys.headersFor([from.id]), ...(signal && { signal }) }
  const page = async ({ cursor: pageToken }: ListOptions): Promise<Page<Permission>> => {
    const query = { ...everywhere, fileId: from.id, fields, pageSize: 100, ...(pageToken && { pageToken }) }
    const answer = permissions.parse(await vendor.ask(vendor.api.permissions.list(query, asked)))
    return { items: answer.permissions.filter(isOwn), cursor: answer.nextPageToken || undefined }
  }
  return (await allPages(page, { signal })).map(wanted)
}

/** Shares a copy with whom its source is shared. */
export async function carryPermissions(connection: Connection, { from, to, write, signal }: Carrying): Promise<number> {
  const { vendor, keys } = connection
  const asked = { headers: keys.headersFor([to.id]), ...(signal && { signal }) }
  const found = await permissionsOf(connection, from, { signal })
  if (!write) return found.length
  for (const requestBody of found) {
    // Nobody wants mail about copies; for anybody and for domains Google does not take the parameter.
    const quiet = requestBody.type === 'user' || requestBody.type === 'group' ? { sendNotificationEmail: false } : {}
    const query = { ...everywhere, ...quiet, fileId: to.id, fields: 'id', requestBody }
    await vendor.ask(vendor.api.permissions.create(query, asked))
  }
  return found.length
}

function isOwn({ role, deleted, pendingOwner, permissionDetails = [] }: Permission): boolean {
  const isInherited = permissionDetails.length > 0 && permissionDetails.every(({ inherited }) => inherited)
  return role !== 'owner' && !deleted && !pendingOwner && !isInherited
}

/** As Google takes it for another file. */
function wanted({ type, role, emailAddress, domain, allowFileDiscovery, expirationTime, view }: Permission) {
  const isOpen = type === 'anyone' || type === 'domain'
  return {
    type,
    role,
    ...((type === 'user' || type === 'group') && emailAddress !== undefined && { emailAddress }),
    ...(type === 'domain' && domain !== undefined && { domain }),
    ...(isOpen && allowFileDiscovery !== undefined && { allowFileDiscovery }),
    ...(expirationTime !== undefined && { expirationTime }),
    ...(view !== undefined && { view }),
  }
}

const owned = resource.pick({ owners: true })

/** Gives a copy to whom its source belongs. Files of shared drives belong to the drive. */
export async function carryOwner(connection: Connection, { from, to, signal }: Carrying): Promise<number> {
  const { vendor, keys } = connection
  if (to.driveId !== undefined) return 0
  const asked = { headers: keys.headersFor([from.id, to.id]), ...(signal && { signal }) }
  const query = { ...everywhere, fileId: from.id, fields: 'owners(me,emailAddress)' }
  const { owners = [] } = from.owners ? from : owned.parse(await vendor.ask(vendor.api.files.get(query, asked)))
  const [owner] = owners
  if (!owner || owner.me || owner.emailAddress === undefined) return 0
  const requestBody = { type: 'user', role: 'owner', emailAddress: owner.emailAddress }
  await vendor.ask(
    vendor.api.permissions.create(
      { ...everywhere, fileId: to.id, transferOwnership: true, fields: 'id', requestBody },
      asked,
    ),
  )
  return 1
}
