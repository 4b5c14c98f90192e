import { z } from 'zod'
import { type StoredCommit, commitInfo, expectArrived } from './commit.ts'
import type { Connection } from './connection.ts'
import { fileMetadata, type FileMetadata } from './metadata.ts'
import { repeat } from './repeat.ts'
import { committedFile, isGone } from './session-end.ts'
import { tagsOf } from './tags.ts'

/** Milliseconds that the vendor may take for a call. */
const patience = 300_000

const outcome = z.discriminatedUnion('.tag', [
  fileMetadata.extend({ '.tag': z.literal('success') }),
  z.object({ '.tag': z.literal('failure'), failure: z.unknown() }),
])
const answer = z.object({ entries: z.array(outcome) })

export type Outcome = PromiseSettledResult<FileMetadata>

/**
 * Makes files of what was uploaded, in one call. What the vendor has no time for is tried again, without the rest. No caller's
 * signal ends it, since it works for many.
 */
export async function finishBatch(
  connection: Pick<Connection, 'vendor' | 'clock'>,
  commits: readonly StoredCommit[],
): Promise<Outcome[]> {
  const outcomes = new Map<StoredCommit, Outcome>()
  const waiting = (): StoredCommit[] => commits.filter((commit) => !outcomes.has(commit))
  try {
    await repeat(connection, async () => {
      const asked = waiting()
      const { result } = await connection.vendor.api.filesUploadSessionFinishBatchV2(
        { entries: asked.map(batchEntry) },
        { signal: AbortSignal.timeout(patience) },
      )
      const { entries } = answer.parse(result)
      let busy: unknown
      for (const [place, commit] of asked.entries()) {
        const entry = entries[place]
        if (entry?.['.tag'] === 'success') outcomes.set(commit, arrived(commit, entry))
        else {
          const error = failureOf(entry?.failure)
          if (tagsOf(error).endsWith('too_many_write_operations')) busy = error
          else outcomes.set(commit, await settled(connection, commit, error))
        }
      }
      if (busy !== undefined) throw busy
    })
  } catch (error) {
    for (const commit of waiting()) outcomes.set(commit, { status: 'rejected', reason: error })
  }
  return commits.map(
    (commit) => outcomes.get(commit) ?? { status: 'rejected', reason: new Error('There is no answer.') },
  )
}

const batchEntry = (commit: StoredCommit) => ({
  cursor: { session_id: commit.session, offset: commit.size },
  commit: commitInfo(commit),
})

/** In the shape in which the library throws. */
const failureOf = (failure: unknown): Error =>
  Object.assign(new Error('A file of a batch was refused.'), { status: 409, error: { error: failure } })

function arrived(commit: StoredCommit, written: FileMetadata): Outcome {
  try {
    return { status: 'fulfilled', value: expectArrived(commit, written) }
  } catch (reason) {
    return { status: 'rejected', reason }
  }
}

async function settled(connection: Pick<Connection, 'vendor'>, commit: StoredCommit, error: unknown): Promise<Outcome> {
  const written = isGone(error) ? await committedFile(connection, commit, commit.hash) : undefined
  return written ? { status: 'fulfilled', value: written } : { status: 'rejected', reason: error }
}
