import { fchmodSync, fstatSync, type Stats } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/**
 * What is known of a new file, once its change time is later than that of the file before it. Clocks of file systems tick every few
 * milliseconds, and the number of a removed file is given out again: two states of a path that were made within one tick could
 * have the same etag, and a cache or an If-Match would take one for the other.
 */
export async function changedLater(descriptor: number, before: Pick<Stats, 'ctimeMs'> | undefined): Promise<Stats> {
  let stats = fstatSync(descriptor)
  const last = before?.ctimeMs
  const pause = pauseAfter(last ?? 0)
  // Where the clock stands still there is nothing to wait for.
  for (let tries = 0; stats.ctimeMs === last && tries < 50; tries++) {
    await setTimeout(pause)
    fchmodSync(descriptor, stats.mode & 0o7777)
    stats = fstatSync(descriptor)
  }
  return stats
}

/** Milliseconds. Where times are kept in whole seconds, the next one is up to a second away. */
const pauseAfter = (time: number): number =>
  Number.isInteger(time / 1000) && Math.abs(Date.now() - time) < 2000 ? 25 : 1
