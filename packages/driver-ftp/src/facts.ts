/** What a server tells of an entry. Where a link leads it does not say. */
export interface Told {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link' | 'self'
  readonly size?: number | undefined
  /** Unix time in milliseconds. */
  readonly modified?: number | undefined
}

const kinds: Readonly<Record<string, Told['kind']>> = { file: 'file', dir: 'directory', cdir: 'self', pdir: 'self' }

/** One line of MLSD or MLST: RFC 3659, section 7.2. `undefined` for what is none. */
export function parseFacts(line: string): Told | undefined {
  const space = line.indexOf(' ')
  if (space < 0) return undefined
  const facts = new Map(
    line
      .slice(0, space)
      .split(';')
      .map((fact): [string, string] => {
        const equals = fact.indexOf('=')
        return [fact.slice(0, Math.max(0, equals)).toLowerCase(), fact.slice(equals + 1)]
      }),
  )
  const type = facts.get('type')?.toLowerCase()
  if (type === undefined) return undefined
  const size = facts.get('size') ?? ''
  return {
    name: line.slice(space + 1),
    // Links have types such as OS.unix=slink:/where, which no standard names.
    kind: kinds[type] ?? (type.startsWith('os.unix=s') ? 'link' : 'file'),
    size: /^\d+$/.test(size) ? Number(size) : undefined,
    modified: parseTime(facts.get('modify') ?? ''),
  }
}

/** A time value of RFC 3659, section 2.3, in UTC. */
export function parseTime(text: string): number | undefined {
  const [whole, year, month, day, hour, minute, second, fraction] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?$/.exec(text.trim()) ?? []
  if (whole === undefined) return undefined
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000)
  const time = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    milliseconds,
  )
  return Number.isFinite(time) ? time : undefined
}

export const printTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')
