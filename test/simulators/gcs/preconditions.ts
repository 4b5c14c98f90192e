import { ApiError, conditionNotMet } from './api-error.ts'
import { integerParameter } from './exchange.ts'

interface Versioned {
  readonly generation: number
  readonly metageneration: number
}

/** Conditions that a request sets on one resource; the prefix is `Source` for the source of a copy. */
export interface Conditions {
  readonly generationMatch: number | undefined
  readonly generationNotMatch: number | undefined
  readonly metagenerationMatch: number | undefined
  readonly metagenerationNotMatch: number | undefined
}

export function readConditions(query: URLSearchParams, prefix: '' | 'Source' = ''): Conditions {
  return {
    generationMatch: integerParameter(query, `if${prefix}GenerationMatch`),
    generationNotMatch: integerParameter(query, `if${prefix}GenerationNotMatch`),
    metagenerationMatch: integerParameter(query, `if${prefix}MetagenerationMatch`),
    metagenerationNotMatch: integerParameter(query, `if${prefix}MetagenerationNotMatch`),
  }
}

/**
 * Refuses with 412 what does not hold, and with 304 a reading whose "not match" does not
 * (cloud.google.com/storage/docs/request-preconditions). A resource that is not there has generation 0 and no
 * metageneration.
 */
export function checkConditions(conditions: Conditions, found: Versioned | undefined, reading = false): void {
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions
  const generation = found?.generation ?? 0
  if (generationMatch !== undefined && generationMatch !== generation) throw conditionNotMet()
  if (metagenerationMatch !== undefined && metagenerationMatch !== found?.metageneration) throw conditionNotMet()
  const same =
    generationNotMatch === generation ||
    (metagenerationNotMatch !== undefined && (!found || metagenerationNotMatch === found.metageneration))
  if (same) throw reading ? notModified() : conditionNotMet('If-None-Match')
}

/** `If-Match` and `If-None-Match` of the request, against the entity tag of the resource. */
export function checkTags(headers: NodeJS.Dict<string | string[]>, tag: string, reading = false): void {
  const names = (name: string): string[] | undefined =>
    typeof headers[name] === 'string'
      ? headers[name].split(',').map((one) => one.trim().replaceAll('"', ''))
      : undefined
  const match = names('if-match')
  if (match && !match.includes('*') && !match.includes(tag)) throw conditionNotMet()
  const noneMatch = names('if-none-match')
  if (noneMatch?.some((one) => one === '*' || one === tag))
    throw reading ? notModified() : conditionNotMet('If-None-Match')
}

/** The body of a 304 is empty. */
const notModified = (): ApiError => new ApiError(304, 'notModified', 'Not Modified')
