import { type HashOptions, type LinkOptions, type Operation, StorageError, type Usage } from '@filegate/core'
import { z } from 'zod'
import { type Connection, everywhere } from './connection.ts'
import { type DriveItem, hashesOf } from './facts.ts'

/** @throws StorageError `Unsupported` when the vendor has no such digest of the file */
export async function hashOf(
  { options }: Connection,
  { file, format }: DriveItem,
  asked: HashOptions,
): Promise<string> {
  const known = format === undefined ? hashesOf(options, file)[asked.algorithm] : undefined
  if (known !== undefined) return known
  throw new StorageError('Unsupported', `Google Drive has no ${asked.algorithm} of this file.`)
}

const digits = z.coerce.number().min(0).optional()
const quota = z.object({ storageQuota: z.object({ limit: digits, usage: digits }).default({}) })

/** What the account has. Without a limit, how much is free is not known. */
export async function quotaOf({ vendor }: Connection, { signal }: Operation): Promise<Usage> {
  const answer = await vendor.ask(
    vendor.api.about.get({ fields: 'storageQuota(limit,usage)' }, signal ? { signal } : {}),
  )
  const { limit, usage } = quota.parse(answer).storageQuota
  return {
    total: limit,
    used: usage,
    free: limit === undefined || usage === undefined ? undefined : Math.max(0, limit - usage),
  }
}

const links = z.object({ webContentLink: z.string().optional(), webViewLink: z.string().optional() })

/** Lets anybody read the file who knows the address, and tells that. */
export async function linkOf({ vendor, keys }: Connection, item: DriveItem, options: LinkOptions): Promise<string> {
  if (options.expiresIn !== undefined) {
    const message = 'Links of Google Drive for anybody do not expire. Leave out how long it shall last.'
    throw new StorageError('Unsupported', message)
  }
  const { signal } = options
  const fileId = item.id
  const asked = { headers: keys.headersFor([fileId]), ...(signal && { signal }) }
  const requestBody = { type: 'anyone', role: 'reader', allowFileDiscovery: false }
  await vendor.ask(vendor.api.permissions.create({ ...everywhere, fileId, fields: 'id', requestBody }, asked))
  const query = { ...everywhere, fileId, fields: 'webContentLink,webViewLink' }
  const { webContentLink, webViewLink } = links.parse(await vendor.ask(vendor.api.files.get(query, asked)))
  const link = webContentLink ?? webViewLink
  if (link === undefined) throw new StorageError('Unsupported', 'Google Drive gives out no link to this file.')
  return link
}
