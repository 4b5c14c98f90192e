import { StorageError, type TreePlace } from '@filegate/core'
import { type Connection, isSelection } from './connection.ts'
import { timeText } from './resource.ts'

interface Said {
  readonly mimeType?: string | undefined
  /** Unix milliseconds. */
  readonly modified?: number | undefined
}

/**
 * What is said of a file, a folder or a shortcut that is made.
 * @throws StorageError `AccessDenied` where nothing can be made
 */
export function newFileMetadata(
  connection: Connection,
  { directory, name }: TreePlace,
  { mimeType, modified }: Said,
): Record<string, unknown> {
  const { options } = connection
  const isTop = isSelection(connection, directory)
  if (isTop && options.shared_with_me) {
    const message =
      'Nothing can be put among what others share. Choose one of their folders, or leave out shared_with_me.'
    throw new StorageError('AccessDenied', message)
  }
  const time = timeText(modified)
  return {
    name,
    parents: [directory],
    ...(mimeType && { mimeType }),
    ...(time !== undefined && { modifiedTime: time }),
    ...(time !== undefined && options.use_created_date && { createdTime: time }),
    ...(isTop && options.starred_only && { starred: true }),
  }
}
