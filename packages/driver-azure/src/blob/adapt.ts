import type { BucketObject } from '@filegate/core'
import { hexOf, quotedEtag, totalSize } from '../http/answer.ts'
import { parseTime } from '../time/rfc3339.ts'

/** Metadata by which a blob keeps its modification time, as other tools do. */
export const timeKey = 'mtime'
/** Metadata by which tools of Hadoop and the hierarchical accounts mark a directory. */
const folderKey = 'hdi_isfolder'

export type Metadata = Readonly<Record<string, string>>

/** What the answers about one blob, HEAD and GET, have in common. */
export interface BlobAnswer {
  readonly contentLength?: number | undefined
  readonly contentRange?: string | undefined
  readonly contentType?: string | undefined
  readonly contentMD5?: Uint8Array | undefined
  /** Of the whole blob, in the answer to a range. */
  readonly blobContentMD5?: Uint8Array | undefined
  readonly etag?: string | undefined
  readonly lastModified?: Date | undefined
  readonly metadata?: Metadata | undefined
  readonly accessTier?: string | undefined
}

/** Names of metadata are the same in any case, and services write them as they like. */
export function metadataOf(metadata: Metadata | undefined, name: string): string | undefined {
  if (!metadata) return undefined
  return metadata[name] ?? Object.entries(metadata).find(([key]) => key.toLowerCase() === name)?.[1]
}

/** Whether a blob only says that there is a directory of its name. */
export const isFolder = ({ contentLength, contentRange, metadata }: BlobAnswer): boolean =>
  totalSize({ contentLength, contentRange }) === 0 && metadataOf(metadata, folderKey)?.toLowerCase() === 'true'

/** @param key with the container in front */
export function objectOf(key: string, answer: BlobAnswer): BucketObject {
  const { contentType, contentRange, lastModified, metadata } = answer
  const size = totalSize(answer)
  const modified = parseTime(metadataOf(metadata, timeKey)) ?? lastModified?.getTime()
  const etag = quotedEtag(answer.etag)
  // The MD5 beside a range is that of the range.
  const md5 = hexOf(contentRange === undefined ? answer.contentMD5 : answer.blobContentMD5)
  return {
    key,
    facts: {
      ...(size !== undefined && { size }),
      ...(modified !== undefined && { modified }),
      ...(etag !== undefined && { etag }),
      ...(contentType !== undefined && { contentType }),
      ...(md5 !== undefined && { hashes: { md5 } }),
    },
  }
}
