import { z } from 'zod'

const text = z.string().nullish()
const number = z.number().nullish()
/** Bytes; a number that no file can have is as good as none. */
export const sizeInBytes = z.number().int().nonnegative().nullish().catch(undefined)
const times = z.object({ lastModifiedDateTime: text }).nullish()
const file = z
  .object({
    mimeType: text,
    hashes: z.object({ quickXorHash: text, sha1Hash: text, sha256Hash: text, crc32Hash: text }).nullish(),
  })
  .nullish()
const folder = z.object({ childCount: number }).nullish()
const bundle = z.object({ type: text }).nullish()
const parent = z.object({ driveId: text, id: text }).nullish()

/** What is known of an item wherever it lies. */
const described = {
  size: sizeInBytes,
  eTag: text,
  lastModifiedDateTime: text,
  fileSystemInfo: times,
  file,
  folder,
  package: bundle,
  parentReference: parent,
}

/** An item as the service tells of it: https://learn.microsoft.com/graph/api/resources/driveitem. */
export const driveItem = z.object({
  id: z.string(),
  name: text,
  ...described,
  /** What it leads to, where somebody else shares that. */
  remoteItem: z.object({ id: z.string(), name: text, ...described }).nullish(),
  root: z.unknown().optional(),
  deleted: z.unknown().optional(),
  malware: z.unknown().optional(),
  '@microsoft.graph.downloadUrl': text,
})

export type DriveItem = z.output<typeof driveItem>

/** What listings ask for: all of the above that costs the service nothing. */
export const listedProperties = [
  'id',
  'name',
  'size',
  'eTag',
  'lastModifiedDateTime',
  'fileSystemInfo',
  'file',
  'folder',
  'package',
  'parentReference',
  'remoteItem',
  'root',
  'deleted',
  'malware',
].join(',')

export const itemPage = z.object({ value: z.array(driveItem), '@odata.nextLink': text })
