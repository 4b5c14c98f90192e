import { parsedOption, type ShownType } from './fragment.ts'
import type { Bounds } from './scalars.ts'

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const part = /(\d+(?:\.\d+)?)(ms|[smhdw])/g

/** The seconds that a text such as `90`, `4s`, `1m30s` or `500ms` means. */
export function parseDuration(text: string): number | undefined {
  const said = text.trim().toLowerCase()
  if (/^\d+$/.test(said)) return Number(said)
  const parts = [...said.matchAll(part)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== said) return undefined
  return parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (units[unit] ?? 0), 0)
}

export interface DurationRules extends Bounds {
  /** How the option is described. Default `integer`: most are plain seconds. */
  readonly shown?: ShownType | undefined
}

/** Seconds: a whole number, or text with units. */
export function duration({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER, shown = 'integer' }: DurationRules = {}) {
  const bounds = minimum > 0 || maximum < Number.MAX_SAFE_INTEGER ? ` from ${minimum} to ${maximum}` : ''
  return parsedOption(shown, `must be a number of seconds${bounds}, such as 60, 90s or 5m`, (value) => {
    if (typeof value === 'boolean') return undefined
    const seconds = parseDuration(String(value))
    return seconds !== undefined && seconds >= minimum && seconds <= maximum ? seconds : undefined
  })
}
