import type { ListOptions, Operation, Page } from '@filegate/core'
import { z } from 'zod'
import { allPages } from './all-pages.ts'
import type { Carrying } from './carry-over.ts'
import type { Connection } from './connection.ts'
import type { Resource } from './resource.ts'

const values = z.array(z.string()).optional()

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/files#LabelField */
const field = z.object({
  text: values,
  integer: values,
  dateString: values,
  selection: values,
  user: z.array(z.object({ emailAddress: z.string().optional() })).optional(),
})

const labels = z.object({
  labels: z.array(z.object({ id: z.string(), fields: z.record(z.string(), field).default({}) })).default([]),
  nextPageToken: z.string().optional(),
})
type Label = z.output<typeof labels>['labels'][number]

/** The labels of a file, with what their fields say. */
export async function labelsOf({ vendor, keys }: Connection, from: Resource, { signal }: Operation): Promise<Label[]> {
  const asked = { headers: keys.headersFor([from.id]), ...(signal && { signal }) }
  const page = async ({ cursor: pageToken }: ListOptions): Promise<Page<Label>> => {
    const query = { fileId: from.id, maxResults: 100, ...(pageToken && { pageToken }) }
    const { labels: items, nextPageToken } = labels.parse(await vendor.ask(vendor.api.files.listLabels(query, asked)))
    return { items, cursor: nextPageToken || undefined }
  }
  return allPages(page, { signal })
}

/** Puts the labels of a file, with what their fields say, on a copy of it. */
export async function carryLabels(connection: Connection, { from, to, write, signal }: Carrying): Promise<number> {
  const { vendor, keys } = connection
  const found = await labelsOf(connection, from, { signal })
  if (!write || found.length === 0) return found.length
  const asked = { headers: keys.headersFor([to.id]), ...(signal && { signal }) }
  const requestBody = { labelModifications: found.map(modification) }
  await vendor.ask(vendor.api.files.modifyLabels({ fileId: to.id, requestBody }, asked))
  return found.length
}

function modification({ id: labelId, fields }: Label) {
  const fieldModifications = Object.entries(fields).map(
    ([fieldId, { text, integer, dateString, selection, user }]) => ({
      fieldId,
      ...(text && { setTextValues: text }),
      ...(integer && { setIntegerValues: integer }),
      ...(dateString && { setDateValues: dateString }),
      ...(selection && { setSelectionValues: selection }),
      ...(user && { setUserValues: user.flatMap(({ emailAddress }) => emailAddress ?? []) }),
    }),
  )
  return { labelId, fieldModifications }
}
