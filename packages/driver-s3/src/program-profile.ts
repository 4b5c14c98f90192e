/** What the check needs to know of a profile. */
interface Profile {
  runsProgram: boolean
  readonly sources: string[]
}

/**
 * The profile that would run a program, among a profile and those it builds on. Undefined when none does.
 * @param text the shared files, one behind the other
 */
export function programProfile(text: string, name: string): string | undefined {
  const profiles = profilesOf(text)
  const reached = new Set([name])
  for (const each of reached) {
    const profile = profiles.get(each)
    if (profile?.runsProgram) return each
    for (const source of profile?.sources ?? []) reached.add(source)
  }
  return undefined
}

/** `[profile x]`, `[profile "x"]` and `[x]` are the same one. */
const sectionLine = /^\s*\[\s*(?:profile\s+)?["']?(.*?)["']?\s*\]/
const settingLine = /^\s*(credential_process|source_profile)\s*=\s*(.*?)\s*$/i

function profilesOf(text: string): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>()
  let current: Profile | undefined
  for (const line of text.split(/\r?\n/)) {
    const section = sectionLine.exec(line)?.[1]
    if (section !== undefined) {
      current = profiles.get(section) ?? { runsProgram: false, sources: [] }
      profiles.set(section, current)
    }
    const [, setting, value = ''] = settingLine.exec(line) ?? []
    if (setting?.toLowerCase() === 'source_profile') current?.sources.push(value)
    else if (setting !== undefined && current) current.runsProgram = true
  }
  return profiles
}
