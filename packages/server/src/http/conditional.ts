import { type Conditions, evaluateConditions, type FileEntry, ifRangeHolds } from '@filegate/core'
import { parseHttpDate } from './date.ts'

type HeaderReader = (name: string) => string | undefined

const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"|\*/g

function entityTags(header: string | undefined): string[] | undefined {
  return header === undefined ? undefined : (header.match(entityTag) ?? [])
}

function time(header: string | undefined): number | undefined {
  return header === undefined ? undefined : parseHttpDate(header)
}

const decisive = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const

/** The four conditions of RFC 9110, section 13.1; undefined when the request carries none of them. */
export function parseConditions(header: HeaderReader): Conditions | undefined {
  if (decisive.every((name) => header(name) === undefined)) return undefined
  const conditions: Conditions = {
    ifMatch: entityTags(header('if-match')),
    ifNoneMatch: entityTags(header('if-none-match')),
    ifModifiedSince: time(header('if-modified-since')),
    ifUnmodifiedSince: time(header('if-unmodified-since')),
  }
  return Object.values(conditions).some((condition) => condition !== undefined) ? conditions : undefined
}

/** 304 or 412 when a condition decides the request, otherwise undefined. */
export function conditionalStatus(header: HeaderReader, entry: FileEntry): 304 | 412 | undefined {
  const conditions = parseConditions(header)
  if (!conditions) return undefined
  const outcome = evaluateConditions(conditions, entry)
  if (outcome === 'proceed') return undefined
  return outcome === 'not-modified' ? 304 : 412
}

/**
 * Whether `If-Range` lets a range be served: only an equal strong etag proves that the parts will fit together. A date
 * proves nothing about a file that may change twice in a second.
 */
export function rangeStillApplies(header: HeaderReader, entry: FileEntry): boolean {
  const condition = header('if-range')
  return condition === undefined || ifRangeHolds(condition, entry)
}
