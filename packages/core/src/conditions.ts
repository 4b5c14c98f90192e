import type { Conditions, FileEntry } from './contract.ts'

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
 * because that is all that HTTP can say; one that cannot be compared decides nothing.
 */
export function evaluateConditions(
  conditions: Conditions,
  { etag, modified }: Pick<FileEntry, 'etag' | 'modified'>,
): ConditionOutcome {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions
  const seconds = modified === undefined ? undefined : wholeSeconds(modified)
  const matches = (etags: readonly string[], same: typeof strongMatch): boolean =>
    etags.some((candidate) => candidate === '*' || (etag !== undefined && same(candidate, etag)))

  if (ifMatch) {
    if (!matches(ifMatch, strongMatch)) return 'failed'
  } else if (ifUnmodifiedSince !== undefined && seconds !== undefined) {
    if (seconds > wholeSeconds(ifUnmodifiedSince)) return 'failed'
  }
  if (ifNoneMatch) return matches(ifNoneMatch, weakMatch) ? 'not-modified' : 'proceed'
  if (ifModifiedSince === undefined || seconds === undefined) return 'proceed'
  return seconds > wholeSeconds(ifModifiedSince) ? 'proceed' : 'not-modified'
}
