import { readFileSync, statSync } from 'node:fs'

/** The names that a system knows users and groups by. */
export interface AccountNames {
  user(id: number): string
  group(id: number): string
}

export interface AccountFiles {
  readonly passwd?: string | undefined
  readonly group?: string | undefined
  /** Milliseconds on a clock that never goes back. */
  readonly now?: (() => number) | undefined
}

/**
 * Names from files in the form of /etc/passwd and /etc/group, which are read again when they change. A number without a
 * name, and every number on a system without such files, is given as its digits.
 */
export function createAccountNames({
  passwd = '/etc/passwd',
  group = '/etc/group',
  now = () => performance.now(),
}: AccountFiles = {}): AccountNames {
  const users = namesIn(passwd, now)
  const groups = namesIn(group, now)
  return { user: (id) => users(id) ?? String(id), group: (id) => groups(id) ?? String(id) }
}

/** The numbers that a system knows names by. */
export interface AccountNumbers {
  readonly user: (name: string) => number | undefined
  readonly group: (name: string) => number | undefined
}

/** The other way round. Read each time: it is asked for when something is changed. */
export function createAccountNumbers({
  passwd = '/etc/passwd',
  group = '/etc/group',
}: AccountFiles = {}): AccountNumbers {
  const numberIn = (file: string, wanted: string): number | undefined =>
    versionOf(file) === '' ? undefined : [...parseNames(file)].find(([, name]) => name === wanted)?.[0]
  return { user: (name) => numberIn(passwd, name), group: (name) => numberIn(group, name) }
}

/** Milliseconds for which a file is not even looked at again. */
const trusted = 1000

function namesIn(file: string, now: () => number): (id: number) => string | undefined {
  let names: ReadonlyMap<number, string> = new Map()
  let version = ''
  let checked = Number.NEGATIVE_INFINITY
  return (id) => {
    if (now() - checked > trusted) {
      checked = now()
      const current = versionOf(file)
      if (current !== version) names = current === '' ? new Map() : parseNames(file)
      version = current
    }
    return names.get(id)
  }
}

function versionOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats ? `${stats.ino}-${stats.size}-${stats.mtimeMs}` : ''
}

/** Lines of `name:password:id:...`. The first name of an id counts, as for the C library. */
function parseNames(file: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [name, , id] = line.split(':')
    if (!name || !id || !/^\d+$/.test(id)) continue
    if (!names.has(Number(id))) names.set(Number(id), name)
  }
  return names
}
