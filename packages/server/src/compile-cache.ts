import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Lets Node keep compiled code between starts, in a folder of the user. Node's own choice is the shared folder for
 * temporary files, where somebody else could put code of theirs for us to run.
 */
export function useCompileCache(): void {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env
  const own = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME
  enableCompileCache(join(own && isAbsolute(own) ? own : join(homedir(), '.cache'), 'filegate'))
}
