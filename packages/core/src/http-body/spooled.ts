import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { throwIfAborted } from '../abort.ts'
import { StorageError } from '../error.ts'
import { member } from '../member.ts'
import type { BodyFeed } from './body-feed.ts'

/** A body that lies on disk. */
export interface Spooled {
  /** Bytes. */
  readonly size: number
  /** The next bytes, as many as asked for unless there are no more; `undefined` at the end. */
  next(length: number): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Lets go of it, and of its place on disk. */
  release(): Promise<void>
}

export interface SpoolOptions {
  /** Bytes. More have no room where they are to go. */
  readonly most?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Puts all that is left of a body on disk, for vendors that want to know its length before its first byte. It lies in the folder for
 * what is temporary, in a file without a name that is gone when this process is.
 * @throws StorageError `NoSpace` when there is no room, or more than there may be
 */
export async function spooled(feed: BodyFeed, { most, signal }: SpoolOptions = {}): Promise<Spooled> {
  const file = await nameless().catch(withoutRoom)
  let size = 0
  try {
    while (await feed.hasMore()) {
      throwIfAborted(signal)
      const chunk = feed.take(Number.POSITIVE_INFINITY)
      if (most !== undefined && size + chunk.length > most) throw tooMuch()
      for (let from = 0; from < chunk.length; ) {
        from += (await file.write(chunk, from, chunk.length - from, size + from).catch(withoutRoom)).bytesWritten
      }
      size += chunk.length
    }
  } catch (error) {
    await file.close()
    throw error
  }
  let offset = 0
  return {
    size,
    async next(length) {
      const bytes = new Uint8Array(Math.min(length, size - offset))
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset)
        if (bytesRead === 0) throw new StorageError('Unexpected', 'A temporary file lost its end.')
        filled += bytesRead
        offset += bytesRead
      }
      return bytes.length === 0 ? undefined : bytes
    },
    release: () => file.close(),
  }
}

const tooMuch = (): StorageError =>
  new StorageError('NoSpace', 'The body has more bytes than there is room for where it is to be stored.')

async function nameless() {
  const path = join(tmpdir(), `filegate-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

const spaceCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EFBIG'])

function withoutRoom(cause: unknown): never {
  if (!spaceCodes.has(member(cause, 'code'))) throw cause
  const message =
    'There is no room to gather a body whose length is not known. Send it with its length, or make room for temporary files.'
  throw new StorageError('NoSpace', message, { cause })
}
