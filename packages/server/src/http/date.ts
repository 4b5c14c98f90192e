/** Unix milliseconds as an HTTP date; whole seconds, rounded down as RFC 9110 dates have no fractions. */
export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString()
}

/** An HTTP date as Unix milliseconds; undefined for anything that is not one. */
export function parseHttpDate(text: string): number | undefined {
  const time = /GMT|UTC|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
