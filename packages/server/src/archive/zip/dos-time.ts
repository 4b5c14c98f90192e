/** Two seconds is the finest step, 1980 the first year, 2107 the last: times outside are clamped. */
const earliest = new Date(1980, 0, 1).getTime()
const latest = new Date(2107, 11, 31, 23, 59, 58).getTime()

/** Unix milliseconds as MS-DOS date (upper half) and time (lower half), in local time as every zip tool has it. */
export function dosTime(milliseconds: number): number {
  const date = new Date(Math.min(latest, Math.max(earliest, milliseconds)))
  const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate()
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1)
  return ((day << 16) | time) >>> 0
}

/** Unix seconds; `null` when the fields name no day, as in archives whose writer left them empty. */
export function timeOfDos(dos: number): number | null {
  const day = (dos >>> 16) & 31
  const month = (dos >>> 21) & 15
  if (day === 0 || month === 0 || month > 12) return null
  const date = new Date((dos >>> 25) + 1980, month - 1, day, (dos >>> 11) & 31, (dos >>> 5) & 63, (dos & 31) * 2)
  return Math.floor(date.getTime() / 1000)
}
