import { parseDuration } from '@filegate/core/options'

/** The zero time of Go, which stands for none. */
const unset = /^(?:|off|0001-01-01t00:00:00z)$/i
const date = /^\d{4}-\d{2}-\d{2}$/
const dateAndTime = /^(\d{4}-\d{2}-\d{2})[ t](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(z|[+-]\d{2}:\d{2})?$/i

/**
 * Unix milliseconds of a time, a date or an age such as `7d`; times without a zone are in UTC. `undefined`: none is set.
 * `NaN`: the text is none of these.
 */
export function parseMoment(text: string, now: number): number | undefined {
  const said = text.trim()
  if (unset.test(said)) return undefined
  if (date.test(said)) return Date.parse(`${said}T00:00:00Z`)
  const [, day, time, zone = 'Z'] = dateAndTime.exec(said) ?? []
  if (day && time) return Date.parse(`${day}T${time}${zone}`)
  const age = parseDuration(said)
  return age === undefined ? Number.NaN : now - age * 1000
}
