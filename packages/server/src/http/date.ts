/** What was asked for last: of many files that come one after another, a second holds hundreds. */
let last = { second: 0, text: 'Thu, 01 Jan 1970 00:00:00 GMT' }

/** Unix milliseconds as an HTTP date; whole seconds, rounded down as RFC 9110 dates have no fractions. */
export function httpDate(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== last.second) last = { second, text: new Date(second * 1000).toUTCString() }
  return last.text
}

/** An HTTP date as Unix milliseconds; undefined for anything that is not one. */
export function parseHttpDate(text: string): number | undefined {
  const time = /GMT|UTC|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
