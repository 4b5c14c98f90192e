/**
 * A `Content-Disposition` value (RFC 6266) for a name that may hold anything: an ASCII fallback without characters that
 * could end the quoted string or the header, and the exact name in the extended notation of RFC 5987.
 */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  const fallback = name.toWellFormed().replace(/[^ -~]|["\\%]/gu, '_')
  if (fallback === name) return `${kind}; filename="${name}"`
  return `${kind}; filename="${fallback}"; filename*=UTF-8''${extendedValue(name.toWellFormed())}`
}

/** `encodeURIComponent` leaves four characters alone that RFC 5987 does not allow in a value. */
function extendedValue(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
