import {
  baseName,
  type FileEntry,
  isADirectory,
  releaseBody,
  root,
  type StoragePath,
  throwIfAborted,
  type WriteOptions,
} from '@filegate/core'
import { type BodyFeed, bodyFeed } from '@filegate/core/http-body'
import { type Commit, explainConflict, inSeconds, type StoredCommit } from './commit.ts'
import { reportFailure } from './committer.ts'
import type { Connection } from './connection.ts'
import { fileEntry } from './entries.ts'
import { expectStorable } from './forbidden-names.ts'
import { storeContent, uploadFile } from './upload.ts'
import { commitmentFor } from './write-mode.ts'

/** Writes a file. The old one stays until the new one is complete, since only then the vendor is told what file it is. */
export async function writeFile(connection: Connection, path: StoragePath, options: WriteOptions): Promise<FileEntry> {
  const { body, size, modified, conditions, signal } = options
  try {
    throwIfAborted(signal)
    if (path === root) throw isADirectory(path)
    expectStorable(path)
    if (modified !== undefined) inSeconds(modified)
    if (conditions) await connection.committer.settle(path)
    const commitment = await commitmentFor(connection, path, conditions, { signal })
    const place = await connection.places.toChange(path, { signal })
    const commit = { ...commitment, path, place, modified }
    const feed = bodyFeed(body, { size, signal })
    try {
      return await writeFrom(connection, commit, feed, signal)
    } catch (error) {
      throw explainConflict(commit, error)
    } finally {
      await feed.release()
    }
  } finally {
    await releaseBody(body)
  }
}

async function writeFrom(
  connection: Connection,
  commit: Commit,
  feed: BodyFeed,
  signal: AbortSignal | undefined,
): Promise<FileEntry> {
  const { batcher, isAsync } = connection.committer
  if (!batcher) return fileEntry(commit.path, await uploadFile(connection, commit, feed, signal))
  // What goes on without its caller cannot be called off by them.
  const store = () => storeContent(connection, commit, feed, signal)
  const { item, settled } = await batcher.submit(store, isAsync ? undefined : signal)
  if (!isAsync) return fileEntry(commit.path, await settled)
  if (commit.mode['.tag'] !== 'overwrite') {
    // Whether a condition holds is known at the end only, and nobody should have to wait for others to come.
    const [written] = await Promise.all([settled, connection.committer.settle(commit.path)])
    return fileEntry(commit.path, written)
  }
  void reportFailure(connection.log, commit.path, settled)
  return entryBefore(item)
}

/** What is known of a file that is not there yet. */
const entryBefore = ({ path, size, modified }: StoredCommit): FileEntry => ({
  kind: 'file',
  path,
  name: baseName(path),
  size,
  ...(modified !== undefined && { modified: Math.floor(modified / 1000) * 1000 }),
})
