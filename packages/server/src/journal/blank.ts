import type { NewEntry } from './entry.ts'
import type { Observation } from './observation.ts'

/** An entry of which nothing but the place and the time is known yet. */
export function blank({ path, at, source, dest, reason }: Observation): Omit<NewEntry, 'op'> {
  return {
    path,
    ts: at,
    before: null,
    after: null,
    size_before: null,
    size_after: null,
    source: source ?? null,
    dest: dest ?? null,
    old: null,
    now: null,
    reason: reason ?? null,
    modified: null,
  }
}
