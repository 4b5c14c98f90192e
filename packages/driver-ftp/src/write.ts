import {
  abortable,
  evaluateConditions,
  type FileEntry,
  isADirectory,
  joinPath,
  parentPath,
  releaseBody,
  root,
  StorageError,
  type StoragePath,
  type WriteOptions,
} from '@filegate/core'
import { makeParents } from './change.ts'
import type { Pool } from './pool.ts'
import { replace } from './replace.ts'
import { serverPath, uploadName } from './server-path.ts'
import type { Session } from './session.ts'
import { statIfThere, statPath } from './stat.ts'
import { setTime } from './time.ts'
import { beginTransfer, sendTransfer, withDeadline } from './transfer.ts'

/**
 * Uploads beside the destination and renames, so that the old content stays until the new one is complete. The unfinished
 * upload of a write that fails is removed over another connection.
 */
export async function writeFile(pool: Pool, path: StoragePath, options: WriteOptions): Promise<FileEntry> {
  if (path === root) throw isADirectory(path)
  const upload = joinPath(parentPath(path), uploadName())
  const progress = { isBegun: false }
  const write = async (session: Session): Promise<FileEntry> => {
    await expectWritable(session, path, options)
    progress.isBegun = true
    await uploadTo(session, upload, options)
    if (options.modified !== undefined) await setTime(session, upload, options.modified)
    await expectWritable(session, path, options)
    await replace(session, upload, path)
    const entry = await statPath(session, path)
    if (entry.kind === 'directory') throw isADirectory(path)
    return entry
  }
  try {
    // The body may come out of a file of this server.
    return await pool.use(write, options.signal, true)
  } catch (error) {
    if (progress.isBegun) await cleanUp(pool, upload)
    throw error
  } finally {
    // For a write that was refused before it took the body.
    await releaseBody(options.body)
  }
}

async function expectWritable(session: Session, path: StoragePath, { conditions }: WriteOptions): Promise<void> {
  const old = await statIfThere(session, path)
  if (old?.kind === 'directory') throw isADirectory(path)
  if (conditions && evaluateConditions(conditions, old) !== 'proceed') {
    throw new StorageError('PreconditionFailed', `The condition does not hold for /${path}.`, { path })
  }
  if (!old) await makeParents(session, path)
}

async function uploadTo(session: Session, upload: StoragePath, { body, size, signal }: WriteOptions): Promise<void> {
  const transfer = await beginTransfer(session, `STOR ${serverPath(session, upload)}`)
  try {
    await sendTransfer(transfer, counted(abortable(body, signal), size), session.settings.shutTime)
  } catch (error) {
    // Half a file must not look whole to the server; it notices when the connection is gone.
    session.close()
    throw error
  } finally {
    transfer.socket.destroy()
  }
}

/** @throws StorageError `InvalidArgument` when there are more or fewer bytes than announced */
async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  size: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let count = 0
  for await (const chunk of chunks) {
    count += chunk.length
    if (size !== undefined && count > size) throw wrongSize(size, `more than ${size}`)
    yield chunk
  }
  if (size !== undefined && count < size) throw wrongSize(size, String(count))
}

const wrongSize = (size: number, came: string): StorageError =>
  new StorageError('InvalidArgument', `Announced ${size} bytes, but ${came} came.`)

/** Milliseconds for removing what is left of an upload. Whatever else stays is shown to nobody. */
const cleanUpTime = 10_000

async function cleanUp(pool: Pool, upload: StoragePath): Promise<void> {
  const given = AbortSignal.timeout(cleanUpTime)
  const removed = pool.use((session) => session.control.tries(`DELE ${serverPath(session, upload)}`), given)
  await withDeadline(
    removed.then(
      () => undefined,
      () => undefined,
    ),
    cleanUpTime,
    () => undefined,
  )
}
