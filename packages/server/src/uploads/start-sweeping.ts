import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { UploadsStart } from './start-uploads.ts'

/** Milliseconds between two looks for uploads that have expired. */
const sweepEvery = 60 * 60 * 1000

export const uploadsIn = (dataDirectory: string): string => join(dataDirectory, 'uploads')

/** Removes what has expired, now and from time to time. Nothing is loaded for that where there are no uploads. @returns what ends it */
export function startSweeping(parts: UploadsStart): () => void {
  const { settings, folder, report } = parts
  const { dataDirectory, allow } = settings
  if (!allow.upload || !folder || dataDirectory === undefined) return () => {}
  const look = async (): Promise<void> => {
    if (!existsSync(uploadsIn(dataDirectory))) return
    const [{ uploadParts }, { sweep }] = await Promise.all([import('./start-uploads.ts'), import('./sweep.ts')])
    await sweep({ ...uploadParts(parts), report })
  }
  const start = (): void => void look().catch(report)
  start()
  const timer = setInterval(start, sweepEvery)
  timer.unref()
  return () => clearInterval(timer)
}
