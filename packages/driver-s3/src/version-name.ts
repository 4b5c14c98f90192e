const form = /-v(\d{4})-(\d{2})-(\d{2})-(\d{2})(\d{2})(\d{2})-(\d{3})(\.[^./]*)?$/

/** The key under which an older version is shown: its time, Unix milliseconds, stands before the extension. */
export function versionName(key: string, modified: number): string {
  const dot = key.lastIndexOf('.')
  const end = dot > key.lastIndexOf('/') ? dot : key.length
  const [day = '', time = ''] = new Date(modified).toISOString().split(/[TZ]/)
  const stamp = `-v${day}-${time.replaceAll(':', '').replace('.', '-')}`
  return `${key.slice(0, end)}${stamp}${key.slice(end)}`
}

/** What `versionName` was made of, if it was. */
export function parseVersionName(shown: string): { readonly key: string; readonly modified: number } | undefined {
  const match = form.exec(shown)
  if (!match) return undefined
  const [stamp, year, month, day, hour, minute, second, millisecond, extension = ''] = match
  const modified = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`)
  if (Number.isNaN(modified)) return undefined
  return { key: `${shown.slice(0, -stamp.length)}${extension}`, modified }
}
