/** Where the modification time of an object is kept: RFC 3339, to the nanosecond. */
export const timeKey = 'mtime'
/** Where other programs of the vendor keep it: whole seconds since 1970. */
export const secondsKey = 'goog-reserved-file-mtime'

/** What is kept of a modification time in Unix milliseconds. */
export function timeMetadata(milliseconds: number): Record<string, string> {
  const seconds = Math.floor(milliseconds / 1000)
  const nanoseconds = Math.round((milliseconds - seconds * 1000) * 1_000_000)
  const carried = nanoseconds === 1_000_000_000 ? { seconds: seconds + 1, rest: 0 } : { seconds, rest: nanoseconds }
  const decimals = String(carried.rest).padStart(9, '0').replace(/0+$/, '')
  const whole = new Date(carried.seconds * 1000).toISOString().slice(0, -'.000Z'.length)
  return { [timeKey]: `${whole}${decimals === '' ? '' : `.${decimals}`}Z`, [secondsKey]: String(carried.seconds) }
}

/** Unix milliseconds of a time as RFC 3339 writes it; `undefined` for anything else. */
export function parseTime(text: string | undefined): number | undefined {
  const [, whole, decimals = '', zone] =
    /^(\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(text ?? '') ?? []
  if (whole === undefined) return undefined
  const seconds = Date.parse(`${whole}${zone}`)
  return Number.isNaN(seconds) ? undefined : seconds + Number(decimals.padEnd(9, '0').slice(0, 9)) / 1_000_000
}

/** The modification time that is kept beside an object. */
export function keptTime(metadata: Readonly<Record<string, string>> = {}): number | undefined {
  const seconds = /^-?\d{1,12}$/.exec(metadata[secondsKey] ?? '')?.[0]
  return parseTime(metadata[timeKey]) ?? (seconds === undefined ? undefined : Number(seconds) * 1000)
}

/** A digest in Base64 as lower-case hexadecimal, if it has the length of one. */
export function hexOfBase64(text: string | undefined, bytes: number): string | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const decoded = Buffer.from(text, 'base64')
  return decoded.length === bytes ? decoded.toString('hex') : undefined
}

export const base64OfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
