/**
 * Unix milliseconds of a date and time as ISO 8601 writes them; NaN when there is no such day. `Date.parse` takes the 30th of February
 * for the 2nd of March.
 */
export function calendarTime(text: string): number {
  const day = text.slice(0, 'YYYY-MM-DD'.length)
  const midnight = Date.parse(day)
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, day.length) !== day) return Number.NaN
  return Date.parse(text.toUpperCase())
}
