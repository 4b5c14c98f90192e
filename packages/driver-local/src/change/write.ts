import { type FileEntry, type LocalWriteOptions, throwIfAborted, type StoragePath } from '@filegate/core'
import { writevSync } from 'node:fs'
import { errnoOf } from './change-error.ts'
import type { Changing } from './changing.ts'
import { gather, pour } from './pour.ts'
import { type Replacement, replaceFile } from './replace.ts'
import { openFileTarget, type Target } from './target.ts'

/** Bytes. A body that is announced to be no longer is held until it is whole, and then written in one go. */
const smallBody = 128 * 1024

type Writing = Omit<LocalWriteOptions, 'contentType' | 'hashes'>

export async function write(changing: Changing, path: StoragePath, options: Writing): Promise<FileEntry> {
  throwIfAborted(options.signal)
  const target = await openFileTarget(changing, path)
  try {
    return await writeTo(changing, target, options)
  } catch (error) {
    target.close()
    target.undo()
    throw error
  } finally {
    target.close()
  }
}

/** @returns what stands at the target then, which its holder still has to close */
export async function writeTo(changing: Changing, target: Target, options: Writing): Promise<FileEntry> {
  const { size, modified, conditions, whole } = options
  if (!whole && (size === undefined || size > smallBody)) {
    const fill = (descriptor: number): Promise<void> => fillFrom(changing, options, descriptor)
    return replaceFile(changing, target, { modified, conditions, fill })
  }
  const buffers = whole ? [whole] : await gather(options)
  const isFresh = whole !== undefined
  const replacement: Replacement = { modified, conditions, isFresh, fill: (to) => writeWhole(to, buffers) }
  try {
    return await replaceFile(changing, target, replacement)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    return await writeAnew(changing, target.path, replacement)
  }
}

/** The folder was removed while the body came in: by whoever had made it for an upload that broke off, say. */
async function writeAnew(changing: Changing, path: StoragePath, replacement: Replacement): Promise<FileEntry> {
  const target = await openFileTarget(changing, path)
  try {
    return await replaceFile(changing, target, replacement)
  } finally {
    target.close()
  }
}

async function fillFrom({ isDurable }: Changing, options: Writing, descriptor: number): Promise<void> {
  await pour({ ...options, descriptor, position: 0, durable: isDurable })
}

function writeWhole(descriptor: number, buffers: readonly Uint8Array[]): void {
  let rest = buffers.filter(({ byteLength }) => byteLength > 0)
  while (rest.length > 0) {
    let skip = writevSync(descriptor, rest)
    rest = rest.flatMap((buffer) => {
      const skipped = Math.min(skip, buffer.byteLength)
      skip -= skipped
      return skipped === buffer.byteLength ? [] : [buffer.subarray(skipped)]
    })
  }
}
