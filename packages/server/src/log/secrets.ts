const secretName =
  /token|secret|passw|passphrase|^pass$|^pwd$|key$|^sig$|signature|auth|credential|cookie|session|^code$|^state$/i
const mask = '***'

/** The value of a header as a log may show it. */
export function maskHeader(name: string, value: string): string {
  if (secretName.test(name)) return mask
  return name === 'referer' ? maskTarget(value) : value
}

/** A request target, or any URL, without the values of query parameters that are secrets by their name. */
export function maskTarget(target: string): string {
  const start = target.indexOf('?') + 1
  if (start === 0) return target
  const parts = target.slice(start).split('&').map(maskParameter)
  return target.slice(0, start) + parts.join('&')
}

function maskParameter(part: string): string {
  const equals = part.indexOf('=')
  if (equals === -1) return part
  return secretName.test(decoded(part.slice(0, equals))) ? `${part.slice(0, equals)}=${mask}` : part
}

/** Text that does not decode is shown as it came. */
export function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
