import { invalid } from './graph-error.ts'

// Source: Microsoft, "Restrictions and limitations in OneDrive and SharePoint"; "Address resources in a drive on OneDrive".

const reserved = /["*:<>?/\\|]/

const isControl = (character: string): boolean => character < ' ' || character === '\u007F'
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d|\.lock|desktop\.ini)$/i
const longestName = 255
const longestPath = 400

/** @throws invalidRequest when nothing may have that name */
export function checkName(name: string): void {
  if (name === '' || name === '.' || name === '..')
    throw invalid('The name in the provided oneDrive item is empty or invalid.', 'invalidPath')
  if (reserved.test(name) || name.split('').some(isControl))
    throw invalid('The name in the provided oneDrive item contains characters that are not allowed.', 'invalidPath')
  if (/^[ ~]|[ .]$/.test(name) || devices.test(name) || name.toLowerCase().includes('_vti_'))
    throw invalid(
      'The name in the provided oneDrive item is blocked, or begins or ends with what it must not.',
      'invalidPath',
    )
  if (name.length > longestName) throw invalid('The provided name exceeds the maximum length.', 'pathIsTooLong')
}

/** Counts the path that a user sees, not its encoding. */
export function checkPathLength(names: readonly string[]): void {
  if (names.join('/').length > longestPath)
    throw invalid(
      'The specified file or folder name is too long. The URL path must contain less than 400 characters.',
      'pathIsTooLong',
    )
}

/** `name 1.txt`, `name 2.txt`, ...: the first that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  for (let number = 1; ; number++) {
    const free = `${stem} ${number}${extension}`
    if (!isTaken(free)) return free
  }
}
