const form = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/

/** Unix milliseconds as RFC 3339 in UTC with nine decimals, in the manner of other tools for Azure. */
export function formatTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const nanoseconds = Math.round((milliseconds - whole) * 1_000_000)
  // Rounding may have made a whole millisecond of the rest.
  const carried = nanoseconds === 1_000_000 ? whole + 1 : whole
  const text = new Date(carried).toISOString()
  return `${text.slice(0, -1)}${String(nanoseconds % 1_000_000).padStart(6, '0')}Z`
}

/** Unix milliseconds, fractions included; `undefined` for what is no such time. */
export function parseTime(text: string | undefined): number | undefined {
  const [, date, time, decimals = '', zone] = form.exec(text?.trim() ?? '') ?? []
  if (date === undefined || time === undefined || zone === undefined) return undefined
  const seconds = Date.parse(`${date}T${time}${zone.toUpperCase()}`)
  return Number.isNaN(seconds) ? undefined : seconds + Number(decimals.padEnd(9, '0').slice(0, 9)) / 1_000_000
}
