import type { FileEntry, StorageDriver, WriteOptions } from '@filegate/core'
import { announcedDigests, type AnnouncedDigest } from './digest-headers.ts'
import { guardWrite } from './guard.ts'
import { receiveBody } from './received-body.ts'
import { announcedSize, announcedTime, checkWhole } from './upload-headers.ts'
import type { Writing } from './writing.ts'

export type ReceivedOptions = Omit<WriteOptions, 'contentType'>

export interface Receiving {
  /** Whether content that is there is lost. Default true. */
  readonly replaces?: boolean | undefined
  /** Bytes that have to come. */
  readonly size?: number | undefined
  readonly store: (options: ReceivedOptions) => Promise<FileEntry>
}

/** Hands the body of a request to `store`, with everything that the client announced of it checked. */
export async function receive(writing: Writing, storage: StorageDriver, receiving: Receiving): Promise<FileEntry> {
  const { incoming, parts, signal } = writing
  const { header } = incoming
  checkWhole(header)
  const modified = announcedTime(header)
  const digests = announcedDigests(header)
  const size = receiving.size ?? sizeOf(writing)
  const guard = await guardWrite(writing, storage, receiving.replaces ?? true)
  const { beforeEnd, conditions } = guard
  const most = parts.settings.maxBodySize
  const received = receiveBody(incoming.body(), { size, most, digests, beforeEnd, signal })
  try {
    const { body } = received
    return await receiving.store({ body, size, modified, hashes: knownHashes(digests), conditions, signal })
  } catch (error) {
    throw received.failure() ?? guard.explained(error)
  } finally {
    guard.release()
  }
}

/** Bytes; undefined when the body comes in chunks. */
export function sizeOf({ incoming }: Writing): number | undefined {
  return incoming.hasBody ? announcedSize(incoming.header) : 0
}

function knownHashes(digests: readonly AnnouncedDigest[]): FileEntry['hashes'] {
  const known = digests.flatMap(({ algorithm, hex }) => (algorithm === 'sha512' ? [] : [[algorithm, hex]]))
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
