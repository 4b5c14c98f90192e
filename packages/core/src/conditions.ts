import type { Conditions, FileEntry } from './contract.ts'
import { StorageError } from './error.ts'

/** What the conditions of a read decide: go on, answer 304, or answer 412. */
export type ConditionOutcome = 'proceed' | 'not-modified' | 'failed'

const weakPrefix = /^W\//
const isWeak = (etag: string): boolean => weakPrefix.test(etag)

/** RFC 9110, section 8.8.3.2: equal, and neither is weak. */
export function strongMatch(one: string, other: string): boolean {
  return one === other && !isWeak(one)
}

/** RFC 9110, section 8.8.3.2: equal but for weakness. */
export function weakMatch(one: string, other: string): boolean {
  return one.replace(weakPrefix, '') === other.replace(weakPrefix, '')
}

const wholeSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/**
 * Evaluates the conditions in the order of RFC 9110, section 13.2.2. `*` matches any file. Dates count in whole seconds,
 * because that is all that HTTP can say; one that cannot be compared decides nothing. Without an entry there is no file,
 * which nothing matches; a write takes anything but `proceed` as a failed precondition.
 */
export function evaluateConditions(
  conditions: Conditions,
  entry: Pick<FileEntry, 'etag' | 'modified'> | undefined,
): ConditionOutcome {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  const { etag, modified } = entry ?? {}
  const seconds = modified === undefined ? undefined : wholeSeconds(modified)
  const matches = (etags: readonly string[], same: typeof strongMatch): boolean =>
    entry !== undefined && etags.some((candidate) => candidate === '*' || (etag !== undefined && same(candidate, etag)))

  if (ifMatch) {
    if (!matches(ifMatch, strongMatch)) return 'failed'
  } else if (ifUnmodifiedSince !== undefined && seconds !== undefined) {
    if (seconds > wholeSeconds(ifUnmodifiedSince)) return 'failed'
  }
  if (ifNoneMatch) return matches(ifNoneMatch, weakMatch) ? 'not-modified' : 'proceed'
  if (ifModifiedSince === undefined || seconds === undefined) return 'proceed'
  return seconds > wholeSeconds(ifModifiedSince) ? 'proceed' : 'not-modified'
}

/**
 * For a read whose conditions the storage does not evaluate itself.
 * @throws StorageError `NotModified` or `PreconditionFailed`
 */
export function expectConditions(
  conditions: Conditions,
  entry: Pick<FileEntry, 'etag' | 'modified'>,
  path: string,
): void {
  const outcome = evaluateConditions(conditions, entry)
  if (outcome === 'failed') {
    throw new StorageError('PreconditionFailed', `A condition on /${path} does not hold.`, { path })
  }
  if (outcome === 'not-modified') throw new StorageError('NotModified', `/${path} has not changed.`, { path })
}

/**
 * Whether a range may be served under `If-Range` (RFC 9110, section 13.1.5): only an equal strong etag proves that the
 * parts will fit together. A date proves nothing about a file that may change twice in a second.
 */
export function ifRangeHolds(validator: string, { etag }: Pick<FileEntry, 'etag'>): boolean {
  return etag !== undefined && strongMatch(validator.trim(), etag)
}
