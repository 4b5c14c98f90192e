import { type DriverWith, type Log, parsePath, requireMethods } from '@filegate/core'
import type { OneDrive } from '../../../../test/simulators/onedrive/start-onedrive.ts'
import { connectTo } from './onedrive-harness.ts'

export type Full = DriverWith<
  'write' | 'copy' | 'move' | 'remove' | 'setModified' | 'hash' | 'revisions' | 'publicLink' | 'about'
>

/** The driver without second tries; what connecting asked for is forgotten. */
export async function connect(
  service: OneDrive,
  options: Readonly<Record<string, unknown>> = {},
  context: Parameters<typeof connectTo>[2] = {},
): Promise<Full> {
  const driver = await connectTo(service, options, { retries: { attempts: 1 }, ...context })
  service.forget()
  return requireMethods(
    driver,
    'write',
    'copy',
    'move',
    'remove',
    'setModified',
    'hash',
    'revisions',
    'publicLink',
    'about',
  )
}

/** A log, and what was told to it. */
export function listening() {
  const told: string[] = []
  const keep = (level: string) => (message: string, facts?: object) =>
    void told.push(`${level}: ${message} ${JSON.stringify(facts ?? {})}`)
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn') }
  return { log, told }
}

export const names = async (driver: Full, path = ''): Promise<string[]> =>
  (await driver.list(parsePath(path))).items.map(({ name }) => name)
