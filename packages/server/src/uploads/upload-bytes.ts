import { randomBytes } from 'node:crypto'
import { access, constants, type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ChunkSource, StorageError } from '@filegate/core'
import { served } from '../writing/writing.ts'
import { tusProblem } from './tus-problem.ts'
import type { UploadState } from './upload-state.ts'
import { syncFolder } from './upload-store.ts'

interface Places {
  /** The served folder. */
  readonly root: string
  /** For uploads that are not going there. */
  readonly directory: string
}

/**
 * Where the bytes of a new upload are kept. On the file system of the served folder, under a name that nobody is shown, they only need to
 * be renamed at the end; elsewhere they are copied.
 */
export async function choosePlace({ root, directory }: Places, backend: string | undefined): Promise<string> {
  const number = randomBytes(8).toString('hex')
  if ((backend === undefined || backend === served) && (await isWritable(root))) {
    return join(root, `.filegate-${number}.part`)
  }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return join(directory, `${number}.part`)
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Windows lacks it. */
const noLinks = constants.O_NOFOLLOW ?? 0
const writing = constants.O_RDWR | noLinks

/** Makes the file. It is there after a loss of power, too. */
export async function makeBytes(place: string, isDurable: boolean): Promise<void> {
  const file = await open(place, writing | constants.O_CREAT | constants.O_EXCL, 0o600)
  await file.close()
  if (isDurable) await syncFolder(dirname(place))
}

/**
 * Opens what has come so far, and nothing more: bytes behind the offset were never acknowledged.
 * @throws StorageError with status 410 when somebody removed it
 */
export async function openBytes({ place, offset }: Pick<UploadState, 'place' | 'offset'>): Promise<FileHandle> {
  const file = await openThere(place)
  try {
    const { size } = await file.stat()
    if (size < offset) throw lost()
    if (size > offset) await file.truncate(offset)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** For reading. @throws StorageError with status 410 when somebody removed it */
export const readBytes = ({ place }: Pick<UploadState, 'place'>): Promise<FileHandle> =>
  openThere(place, constants.O_RDONLY | noLinks)

async function openThere(place: string, flags = writing): Promise<FileHandle> {
  try {
    return await open(place, flags)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw lost()
    throw error
  }
}

export async function removeBytes({ place }: Pick<UploadState, 'place'>): Promise<void> {
  if (place !== '') await rm(place, { force: true })
}

const lost = (): StorageError =>
  tusProblem('UPLOAD_EXPIRED', 'The bytes of this upload are gone. Start it again with a new one.')

/** Bytes that are read at once. */
const pieceSize = 1 << 18

/** The first `size` bytes of a file, which is closed at the end, on an error and when nobody wants more. */
export function fileChunks(file: FileHandle, size: number): ChunkSource {
  let position = 0
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= file.close())
  return {
    async next() {
      try {
        const buffer = Buffer.allocUnsafe(Math.min(pieceSize, size - position))
        if (buffer.length > 0) {
          const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
          if (bytesRead === 0) throw lost()
          position += bytesRead
          return buffer.subarray(0, bytesRead)
        }
      } catch (error) {
        await close()
        throw error
      }
      await close()
      return undefined
    },
    cancel: close,
  }
}
