import { type FileEntry, type LocalWriteOptions, type StorageDriver, streamBytes } from '@filegate/core'
import { announcedDigests, type AnnouncedDigest } from './digest-headers.ts'
import { guardWrite } from './guard.ts'
import { receiveBody, verifyWhole } from './received-body.ts'
import { announcedSize, announcedTime, checkWhole } from './upload-headers.ts'
import { served, type Writing } from './writing.ts'

export type ReceivedOptions = Omit<LocalWriteOptions, 'contentType'>

export interface Receiving {
  /** Whether content that is there is lost. Default true. */
  readonly replaces?: boolean | undefined
  /** Bytes that have to come. */
  readonly size?: number | undefined
  readonly store: (options: ReceivedOptions) => Promise<FileEntry>
}

/** Hands the body of a request to `store`, with everything that the client announced of it checked. */
export async function receive(writing: Writing, storage: StorageDriver, receiving: Receiving): Promise<FileEntry> {
  const { incoming, parts, place } = writing
  const { header } = incoming
  checkWhole(header)
  const modified = announcedTime(header)
  const digests = announcedDigests(header)
  const size = receiving.size ?? sizeOf(writing)
  const guard = await guardWrite(writing, storage, receiving.replaces ?? true)
  const { beforeEnd, conditions } = guard
  const most = parts.settings.maxBodySize
  const known = { size, modified, hashes: knownHashes(digests), conditions }
  // Layers around a backend may do something to the body, so there it is a stream always.
  const arrived = place.backend === served && size !== undefined ? incoming.arrived?.(size) : undefined
  try {
    if (!arrived) return await receiveStream()
    const whole = await arrived
    verifyWhole(whole, { most, digests })
    await beforeEnd?.()
    return await receiving.store(wholeOptions(known, whole))
  } catch (error) {
    throw guard.explained(error)
  } finally {
    guard.release()
  }

  async function receiveStream(): Promise<FileEntry> {
    const { signal } = writing
    const { body, failure } = receiveBody(incoming.body(), { size, most, digests, beforeEnd, signal })
    try {
      return await receiving.store({ ...known, body, signal })
    } catch (error) {
      throw failure() ?? error
    }
  }
}

/** The stream is made only for whoever asks for it: it costs more than all else about a small body. */
function wholeOptions(known: Omit<ReceivedOptions, 'body'>, whole: Uint8Array): ReceivedOptions {
  return {
    ...known,
    whole,
    get body() {
      return streamBytes(whole)
    },
  }
}

/** Bytes; undefined when the body comes in chunks. */
export function sizeOf({ incoming }: Writing): number | undefined {
  return incoming.hasBody ? announcedSize(incoming.header) : 0
}

function knownHashes(digests: readonly AnnouncedDigest[]): FileEntry['hashes'] {
  if (digests.length === 0) return undefined
  const known = digests.flatMap(({ algorithm, hex }) => (algorithm === 'sha512' ? [] : [[algorithm, hex]]))
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
