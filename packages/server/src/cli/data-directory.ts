import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

/** The folder for the state of a user's programs, as each system has it; then one of ours inside. */
export function defaultDataDirectory(variables: NodeJS.ProcessEnv): string {
  const { LOCALAPPDATA, XDG_DATA_HOME } = variables
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'filegate')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'filegate')
  // The XDG specification says to ignore a relative one.
  const base = XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(homedir(), '.local', 'share')
  return join(base, 'filegate')
}

/** Whether `path`, which may not exist yet, is or lies in `folder`, links resolved. */
export function liesIn(path: string, folder: string): boolean {
  const way = relative(realpathSync(folder), realPathOf(path))
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** The real path of the part that exists, and the rest as it is. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    const parent = dirname(path)
    if (parent === path) throw error
    return join(realPathOf(parent), path.slice(parent.length))
  }
}
