import { z } from 'zod'

const text = z.string().optional()
/** A number of 64 bits, as JSON of the vendor has them. */
const digits = z
  .string()
  .regex(/^\d{1,20}$/)
  .optional()

const user = z.object({ me: z.boolean().optional(), emailAddress: text, displayName: text })

/** What the vendor tells of a file: https://developers.google.com/workspace/drive/api/reference/rest/v3/files#File. */
export const resource = z.object({
  id: z.string().min(1),
  name: z.string().default(''),
  mimeType: z.string().default('application/octet-stream'),
  size: digits,
  quotaBytesUsed: digits,
  md5Checksum: text,
  sha1Checksum: text,
  sha256Checksum: text,
  headRevisionId: text,
  createdTime: text,
  modifiedTime: text,
  sharedWithMeTime: text,
  parents: z.array(z.string()).optional(),
  trashed: z.boolean().optional(),
  driveId: text,
  resourceKey: text,
  webViewLink: text,
  exportLinks: z.record(z.string(), z.string()).optional(),
  shortcutDetails: z.object({ targetId: text, targetMimeType: text, targetResourceKey: text }).optional(),
  owners: z.array(user).optional(),
  spaces: z.array(z.string()).optional(),
})

export type Resource = z.output<typeof resource>

export const listing = z.object({
  files: z.array(resource).default([]),
  nextPageToken: text,
  incompleteSearch: z.boolean().optional(),
})

const nested: Readonly<Record<string, string>> = {
  shortcutDetails: 'shortcutDetails(targetId,targetMimeType,targetResourceKey)',
  owners: 'owners(me,emailAddress,displayName)',
}

/** What is only asked for where somebody wants to know. */
export interface FieldChoice {
  readonly owners: boolean
  readonly spaces: boolean
  readonly quota: boolean
  readonly links: boolean
  readonly exports: boolean
}

/** The names of all that a file is asked for. */
export function fieldsOf({ owners, spaces, quota, links, exports }: FieldChoice): string {
  const wanted = { owners, spaces, quotaBytesUsed: quota, webViewLink: links, exportLinks: exports }
  const without = new Set(Object.entries(wanted).flatMap(([name, isWanted]) => (isWanted ? [] : [name])))
  return Object.keys(resource.shape)
    .filter((name) => !without.has(name))
    .map((name) => nested[name] ?? name)
    .join(',')
}

/** Unix milliseconds of a time as RFC 3339 writes it. */
export function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** A time as the vendor takes it; years that it cannot write are left to it. */
export function timeText(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined) return undefined
  const date = new Date(Math.floor(milliseconds))
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999 ? date.toISOString() : undefined
}
