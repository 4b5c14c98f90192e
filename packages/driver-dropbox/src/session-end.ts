import type { Commit } from './commit.ts'
import type { Connection } from './connection.ts'
import { member } from './member.ts'
import type { FileMetadata } from './metadata.ts'
import { metadataIfThere } from './stat.ts'
import { innermost, tagsOf } from './tags.ts'

/** Up to where a session has the bytes, where the vendor says that it is elsewhere than was thought. */
export function correctOffset(error: unknown): number | undefined {
  const offset = tagsOf(error).endsWith('incorrect_offset') ? member(innermost(error), 'correct_offset') : undefined
  return typeof offset === 'number' ? offset : undefined
}

/** Whether there is no such session, which may have become the file already, in a call whose answer was lost. */
export const isGone = (error: unknown): boolean =>
  tagsOf(error).startsWith('lookup_failed') && correctOffset(error) === undefined

/** What stands where a session was to go, if that is what was in it. */
export async function committedFile(
  connection: Pick<Connection, 'vendor'>,
  { place }: Pick<Commit, 'place'>,
  hash: string,
): Promise<FileMetadata | undefined> {
  // Whoever asks has an error that says more than that there is no answer to this, either.
  const there = await metadataIfThere(connection, place, { signal: AbortSignal.timeout(patience) }).catch(
    () => undefined,
  )
  return there?.['.tag'] === 'file' && there.content_hash === hash ? there : undefined
}

/** Milliseconds. */
const patience = 30_000
