import { invalidHeader } from './service-error.ts'

/** A moment in 100 nanoseconds since 1970. */
export type FileTime = bigint

const format = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(?:Z|\+00:00)$/
let last = 0n

/** Now, each time another moment: two writes within a millisecond must not carry the same entity tag. */
export function now(): FileTime {
  const moment = BigInt(Date.now()) * 10_000n
  last = moment > last ? moment : last + 1n
  return last
}

export function formatTime(time: FileTime): string {
  const seconds = time / 10_000_000n
  const fraction = String(time % 10_000_000n).padStart(7, '0')
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}

export const httpDate = (time: FileTime): string => new Date(Number(time / 10_000n)).toUTCString()

/** The value of a header such as x-ms-file-last-write-time. */
export function parseTime(header: string, value: string): FileTime {
  const [, seconds, fraction = ''] = format.exec(value) ?? []
  const milliseconds = Date.parse(`${seconds}Z`)
  if (Number.isNaN(milliseconds)) throw invalidHeader(header, value)
  return BigInt(milliseconds) * 10_000n + BigInt(fraction.padEnd(7, '0'))
}

// Entity tags count from the year 1, as .NET's clocks do.
const ticksBefore1970 = 621_355_968_000_000_000n

export const entityTag = (time: FileTime): string => `"0x${(time + ticksBefore1970).toString(16).toUpperCase()}"`
