import { z } from 'zod'

/** https://www.dropbox.com/developers/documentation/http/documentation#files-get_metadata */
const common = {
  name: z.string(),
  /** Reliable in the case of its letters in the last name only. Absent where nothing is mounted. */
  path_display: z.string().optional(),
  path_lower: z.string().optional(),
}

export const fileMetadata = z.object({
  ...common,
  id: z.string(),
  rev: z.string(),
  size: z.number().int().nonnegative(),
  client_modified: z.string(),
  content_hash: z.string().optional(),
  /** `false`: a document that exists in the service only. */
  is_downloadable: z.boolean().default(true),
  export_info: z.object({ export_as: z.string().optional() }).optional(),
})
export type FileMetadata = z.output<typeof fileMetadata>

const folderMetadata = z.object({ ...common, id: z.string() })
export type FolderMetadata = z.output<typeof folderMetadata>

export const metadata = z.discriminatedUnion('.tag', [
  fileMetadata.extend({ '.tag': z.literal('file') }),
  folderMetadata.extend({ '.tag': z.literal('folder') }),
  z.object({ ...common, '.tag': z.literal('deleted') }),
])
export type Metadata = z.output<typeof metadata>

/** What changes are answered with, of which no more is of interest than that they were made. */
export const changed = z.object({ metadata: z.object({ name: z.string() }) })
