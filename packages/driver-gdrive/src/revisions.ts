import { type FileEntry, type ListOptions, type Operation, type Page, StorageError } from '@filegate/core'
import { z } from 'zod'
import { allPages } from './all-pages.ts'
import type { Connection } from './connection.ts'
import { type DriveItem, hashesOf, isDangling, readFacts } from './facts.ts'
import { resource } from './resource.ts'
import { apiUrl } from './vendor.ts'

const fields = 'id,mimeType,modifiedTime,size,md5Checksum,exportLinks'

/** What the vendor tells of a revision: https://developers.google.com/workspace/drive/api/reference/rest/v3/revisions. */
const revision = resource
  .pick({ id: true, mimeType: true, modifiedTime: true, size: true, md5Checksum: true, exportLinks: true })
  .extend({ mimeType: z.string().optional() })
type Revision = z.output<typeof revision>

const revisions = z.object({ revisions: z.array(revision).default([]), nextPageToken: z.string().optional() })

type Facts = Omit<FileEntry, 'path'>

/** The kept revisions of a file. The vendor lists them oldest first, so the page is all there is. */
export async function revisionsOf(
  connection: Connection,
  item: DriveItem,
  { signal }: Operation,
): Promise<Page<Facts>> {
  const { vendor, keys } = connection
  if (isDangling(item)) return { items: [] }
  const asked = { headers: keys.headersFor([item.id]), ...(signal && { signal }) }
  const page = async ({ cursor: pageToken }: ListOptions): Promise<Page<Revision>> => {
    const query = { fileId: item.id, pageSize: 1000, fields: `nextPageToken,revisions(${fields})` }
    const answer = await vendor.ask(vendor.api.revisions.list({ ...query, ...(pageToken && { pageToken }) }, asked))
    const parsed = revisions.parse(answer)
    return { items: parsed.revisions, cursor: parsed.nextPageToken || undefined }
  }
  const found = await allPages(page, { signal })
  const readable = found.filter((one) => urlOf(item, one) !== undefined)
  return { items: readable.reverse().map((one) => factsOf(connection, item, one)) }
}

/** One revision as it is read. @throws Refusal where there is none */
export async function revisionOf(
  connection: Connection,
  item: DriveItem,
  revisionId: string,
  { signal }: Operation,
): Promise<{ readonly facts: Facts; readonly url: string; readonly isExport: boolean }> {
  const { vendor, keys } = connection
  if (!/^[\w-]{1,200}$/.test(revisionId)) throw noRevision()
  const asked = { headers: keys.headersFor([item.id]), ...(signal && { signal }) }
  const answer = await vendor.ask(vendor.api.revisions.get({ fileId: item.id, revisionId, fields }, asked))
  const one = revision.parse(answer)
  const url = urlOf(item, one)
  if (url === undefined) throw noRevision()
  return { facts: factsOf(connection, item, one), url, isExport: item.format !== undefined }
}

const noRevision = (): StorageError => new StorageError('NotFound', 'The file has no such revision.')

/** Where its bytes are: a revision of a document has only what it can be exported as. */
function urlOf({ id, format }: DriveItem, { id: revisionId, exportLinks }: Revision): string | undefined {
  if (format === 'none' || format?.kind === 'link') return undefined
  if (format) return exportLinks?.[format.type]
  return `${apiUrl}/files/${encodeURIComponent(id)}/revisions/${encodeURIComponent(revisionId)}?alt=media`
}

function factsOf({ options }: Connection, item: DriveItem, one: Revision): Facts {
  const { modifiedTime, size, md5Checksum, mimeType } = one
  const isHead = one.id === item.file.headRevisionId
  const file = isHead
    ? item.file
    : {
        id: item.file.id,
        name: item.file.name,
        mimeType: mimeType ?? item.file.mimeType,
        modifiedTime,
        createdTime: modifiedTime,
        size,
        md5Checksum,
        spaces: item.file.spaces,
        owners: item.file.owners,
        headRevisionId: one.id,
      }
  const facts = readFacts(options, { ...item, file })
  return { ...facts, hashes: isHead ? facts.hashes : hashesOf(options, file), version: one.id }
}
