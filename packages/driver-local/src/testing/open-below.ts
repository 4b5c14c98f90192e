import { readdirSync, readlinkSync } from 'node:fs'

/** How many descriptors of this process are open on something below `folder`. Linux tells. */
export function openBelow(folder: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder)
    } catch {
      // The descriptor that read the directory itself is gone by now.
      return false
    }
  }).length
}
