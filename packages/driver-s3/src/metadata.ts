/** Where the modification time of an object is kept: decimal seconds since 1970. */
export const timeKey = 'mtime'
/** Where the MD5 of an object is kept whose etag is none, in Base64. */
export const digestKey = 'md5chksum'

/** Unix milliseconds as decimal seconds with as many digits as it takes, up to nanoseconds. */
export function formatTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const fraction = Math.round((milliseconds - whole) * 1_000_000)
  const nanoseconds = BigInt(whole) * 1_000_000n + BigInt(fraction)
  const sign = nanoseconds < 0n ? '-' : ''
  const digits = String(nanoseconds < 0n ? -nanoseconds : nanoseconds).padStart(10, '0')
  const decimals = digits.slice(-9).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -9)}${decimals === '' ? '' : `.${decimals}`}`
}

/** Unix milliseconds; `undefined` for what is no number. */
export function parseTime(text: string | undefined): number | undefined {
  const [, sign = '', seconds, decimals = ''] = /^\s*([+-]?)(\d{1,12})(?:\.(\d*))?\s*$/.exec(text ?? '') ?? []
  if (seconds === undefined) return undefined
  const fraction = decimals.padEnd(9, '0').slice(0, 9)
  const milliseconds = Number(seconds) * 1000 + Number(fraction) / 1_000_000
  return sign === '-' ? -milliseconds : milliseconds
}

/** A digest in Base64 as lower-case hexadecimal, if it has the length of one. */
export function hexOfBase64(text: string | undefined, bytes: number): string | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const decoded = Buffer.from(text, 'base64')
  return decoded.length === bytes ? decoded.toString('hex') : undefined
}

export const base64OfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

/** What a header may hold; anything else the vendor would refuse, or sign otherwise than we do. */
export const isHeaderText = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
