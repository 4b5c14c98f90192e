import { ServiceError } from './service-error.ts'

// Source of all rules: Naming and referencing shares, directories, files, and metadata (REST reference of Azure Files).
const shareName = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/
// Control characters are among what no name may have.
// oxlint-disable-next-line no-control-regex
const forbidden = /["\\/:|<>*?\u0000-\u001F\u007F\uE000\uFFFE\uFFFF]|\p{Surrogate}/u
const device = /^(?:LPT[1-9]|COM[1-9]|PRN|AUX|NUL|CON|CLOCK\$|\.|\.\.)$/i
const longestName = 255
const longestPath = 2048
const deepestPath = 250

/** Refuses what cannot be a share's name. `$root` and the like are none of this service's. */
export function checkShareName(name: string): string {
  if (!shareName.test(name)) throw new ServiceError('InvalidResourceName')
  return name
}

/**
 * The parts of a path inside a share, decoded. Reserved URL characters must come percent-encoded; the slashes between the
 * parts may come either way.
 * @param allowTrailingDot what the header x-ms-allow-trailing-dot says. Without it the dots at the end of each part go.
 */
export function parsePath(decoded: string, allowTrailingDot: boolean): readonly string[] {
  const path = decoded.replace(/\/$/, '')
  if (path === '') return []
  if (path.length > longestPath) throw new ServiceError('InvalidFileOrDirectoryPathName')
  const parts = path.split('/')
  if (parts.length > deepestPath) throw new ServiceError('InvalidFileOrDirectoryPathName')
  return parts.map((part) => checkName(part, allowTrailingDot))
}

function checkName(part: string, allowTrailingDot: boolean): string {
  if (part === '') throw new ServiceError('InvalidUri')
  if (device.test(part) || forbidden.test(part)) throw new ServiceError('InvalidResourceName')
  const name = allowTrailingDot ? part : part.replace(/\.+$/, '')
  if (name === '' || name.length > longestName) throw new ServiceError('InvalidResourceName')
  return name
}

/** Names that differ in case only are one name; the first spelling is kept. */
export const foldedName = (name: string): string => name.toLowerCase()

export function decodeUri(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch (error) {
    if (error instanceof URIError) throw new ServiceError('InvalidUri')
    throw error
  }
}
