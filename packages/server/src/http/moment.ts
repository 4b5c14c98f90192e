import { StorageError } from '@filegate/core'
import { calendarTime } from './calendar-time.ts'
import type { Query } from './query.ts'

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

/**
 * A point in time as Unix milliseconds, from RFC 3339 or from Unix milliseconds; undefined when the parameter is absent. A plus
 * sign that was not escaped has become a space.
 * @throws StorageError `InvalidArgument` that names the parameter
 */
export function momentIn(query: Query, name: string): number | undefined {
  const text = query.text(name)
  if (text === undefined) return undefined
  const time = /^-?\d{1,15}$/.test(text) ? Number(text) : momentOf(text.replace(/ (\d\d:\d\d)$/, '+$1'))
  if (Number.isFinite(time)) return time
  throw new StorageError(
    'InvalidArgument',
    `Parameter '${name}' takes a time such as 2026-05-04T12:30:00Z, or Unix milliseconds, not ${JSON.stringify(text)}.`,
  )
}

function momentOf(text: string): number {
  return rfc3339.test(text) ? calendarTime(text.replace(' ', 'T')) : Number.NaN
}
