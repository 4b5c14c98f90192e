import {
  type Conditions,
  type Entry,
  evaluateConditions,
  inTurn,
  statIfThere,
  type StorageDriver,
  StorageError,
  type StoragePath,
} from '@filegate/core'
import { parseConditions } from '../http/conditional.ts'
import type { Incoming } from '../http/read-request.ts'
import { checkAllowed } from './permission.ts'
import type { Writing } from './writing.ts'

/** What stands at a path must be what the caller takes it for, and may be replaced, when the new content takes its place. */
export interface Guard {
  /** What the backend is to check itself, at the moment of the change. */
  readonly conditions?: Conditions | undefined
  /**
   * Looks once more shortly before the end, and lets nobody else of this process in until `release`: many backends check no
   * conditions, and some say that they do.
   */
  readonly beforeEnd?: (() => Promise<void>) | undefined
  readonly release: () => void
  /** The error of a write in terms of what the client asked for. */
  readonly explained: (error: unknown) => unknown
}

/** Writes of this process that rely on a look come to their end one after the other. */
const turns = inTurn()

/**
 * The guard of a write to the path of the request: the conditions that the client sent hold, and content is replaced only
 * where deleting is allowed. `replaces`: content that is there is lost.
 * @throws StorageError `PreconditionFailed` or `AccessDenied` when that is already certain
 */
export async function guardWrite(writing: Writing, storage: StorageDriver, replaces = true): Promise<Guard> {
  const { incoming, parts, place } = writing
  const conditions = conditionsOf(incoming)
  const explained = (error: unknown): unknown =>
    !conditions && StorageError.is(error, 'PreconditionFailed') ? changedMeanwhile(place.path) : error
  const mayReplace = !replaces || parts.settings.allow.delete
  if (!conditions && mayReplace) return { release() {}, explained }

  const { signal } = writing
  const look = async (): Promise<Entry | undefined> => {
    const old = await statIfThere(storage, place.path, { signal, fresh: true })
    hold(conditions, place.path, old)
    if (old && hasContent(old) && !mayReplace) checkAllowed(parts.settings, 'delete')
    return old
  }
  const pinned = pin(await look(), storage)
  const over = Promise.withResolvers<void>()
  const beforeEnd = (): Promise<void> => reserved(`${place.backend}\0${place.path}`, look, over.promise, signal)
  return { conditions: pinned, beforeEnd, release: over.resolve, explained }
}

/**
 * Holds the entry that a request is about against the conditions that the client sent.
 * @throws StorageError `PreconditionFailed`
 */
export async function checkConditions({ incoming, place, signal }: Writing, storage: StorageDriver): Promise<void> {
  const conditions = conditionsOf(incoming)
  if (conditions) hold(conditions, place.path, await statIfThere(storage, place.path, { signal, fresh: true }))
}

/** A folder may hold anything, and a file of unknown size too. */
export function hasContent(entry: Entry): boolean {
  return entry.kind === 'directory' || entry.size !== 0
}

/** `If-Modified-Since` is about reading only (RFC 9110, section 13.1.3). */
function conditionsOf({ header }: Pick<Incoming, 'header'>): Conditions | undefined {
  return parseConditions((name) => (name === 'if-modified-since' ? undefined : header(name)))
}

function hold(conditions: Conditions | undefined, path: StoragePath, entry: Entry | undefined): void {
  if (!conditions) return
  const facts = entry && { modified: entry.modified, etag: entry.kind === 'file' ? entry.etag : undefined }
  if (evaluateConditions(conditions, facts) === 'proceed') return
  throw new StorageError('PreconditionFailed', `The condition does not hold for /${path}.`, { path })
}

/** The condition that nothing has changed since the look, where the backend can say that of what it found. */
function pin(old: Entry | undefined, { traits }: StorageDriver): Conditions | undefined {
  if (!old) return traits.conditions.includes('ifNoneMatch') ? { ifNoneMatch: ['*'] } : undefined
  const etag = old.kind === 'file' && !old.etag?.startsWith('W/') ? old.etag : undefined
  return etag !== undefined && traits.conditions.includes('ifMatch') ? { ifMatch: [etag] } : undefined
}

/** Resolves after the look, when it is this one's turn; the turn lasts until `over`. */
function reserved(key: string, look: () => Promise<unknown>, over: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const turn = turns(
      key,
      async () => {
        await look()
        resolve()
        await over
      },
      signal,
    )
    turn.catch(reject)
  })
}

const changedMeanwhile = (path: StoragePath): StorageError =>
  new StorageError('Conflict', `Somebody else wrote /${path} meanwhile. Nothing was changed.`, { path })
