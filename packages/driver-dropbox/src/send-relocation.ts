import { notFound, type Operation, StorageError, type StoragePath } from '@filegate/core'
import { z } from 'zod'
import { type Connection, until } from './connection.ts'
import { metadata, type Metadata } from './metadata.ts'
import { isUnsure } from './repeat.ts'
import { metadataIfThere } from './stat.ts'
import { tagsOf } from './tags.ts'

export type Verb = 'copy' | 'move'

export interface Route {
  /** As the vendor writes them. */
  readonly from: string
  readonly to: string
}

interface Relocation extends Route {
  readonly verb: Verb
  readonly path: StoragePath
}

const answer = z.object({ metadata })

/** Milliseconds before each further try. */
const pauses: readonly number[] = [300, 700, 1500]

/**
 * Copies or moves what is to go where nothing is. Where the answer is lost, it shows afterwards whether it worked; what did not is
 * tried again, as is what was made just now, which the servers that copy and move do not always find for a moment.
 */
export async function sendRelocation(
  connection: Connection,
  relocation: Relocation,
  { signal }: Operation,
): Promise<Metadata> {
  let lost: unknown
  for (let tries = 0; ; tries++) {
    try {
      return await ask(connection, relocation, signal)
    } catch (error) {
      if (signal?.aborted) throw error
      if (isUnsure(error, signal)) lost = error
      const isMissing = tagsOf(error) === 'from_lookup/not_found'
      const done = lost === undefined ? undefined : await foundDone(connection, relocation, lost, signal)
      if (done) return done
      const pause = pauses[tries]
      if (isMissing) await expectThere(connection, relocation, pause, signal)
      else if (!isUnsure(error, signal) || pause === undefined) throw error
      await connection.clock.sleep(pause ?? 0, signal)
    }
  }
}

async function ask(
  { vendor: { api } }: Connection,
  { verb, from, to }: Relocation,
  signal: AbortSignal | undefined,
): Promise<Metadata> {
  const sent = { from_path: from, to_path: to, autorename: false, allow_ownership_transfer: false }
  const { result } =
    verb === 'copy' ? await api.filesCopyV2(sent, until(signal)) : await api.filesMoveV2(sent, until(signal))
  return answer.parse(result).metadata
}

async function expectThere(
  connection: Connection,
  { path, from }: Relocation,
  pause: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (pause === undefined || !(await metadataIfThere(connection, from, { signal }))) throw notFound(path)
}

/**
 * What became of a call whose answer was lost.
 * @returns what stands at the destination if the call put it there; `undefined` if it did nothing
 * @throws StorageError where that does not show
 */
async function foundDone(
  connection: Connection,
  relocation: Relocation,
  lost: unknown,
  signal: AbortSignal | undefined,
): Promise<Metadata | undefined> {
  const [source, target] = await Promise.all([
    metadataIfThere(connection, relocation.from, { signal }),
    metadataIfThere(connection, relocation.to, { signal }),
  ]).catch(() => {
    throw mayHaveHappened(relocation, lost)
  })
  if (relocation.verb === 'move') {
    if (source) return undefined
    if (target) return target
    throw mayHaveHappened(relocation, lost)
  }
  if (!target || !source || target['.tag'] !== source['.tag']) return undefined
  if (source['.tag'] === 'file' && target['.tag'] === 'file') {
    return source.content_hash !== undefined && source.content_hash === target.content_hash ? target : undefined
  }
  throw mayHaveHappened(relocation, lost)
}

const participles: Readonly<Record<Verb, string>> = { copy: 'copied', move: 'moved' }

const mayHaveHappened = ({ verb, path }: Relocation, cause: unknown): StorageError =>
  new StorageError(
    'Unavailable',
    `Dropbox did not answer while /${path} was being ${participles[verb]}. That may have happened all the same: look at both places before you try again.`,
    { path, cause, fate: 'persistent' },
  )
