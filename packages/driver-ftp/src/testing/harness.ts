import type { Control, Harness } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import definition from '../index.ts'
import type { FtpServer } from './server.ts'

/** Names as the server has them, for the suite is about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

export const attempts = 3

export const connectTo = (port: number, options: Readonly<Record<string, unknown>> = {}, context: OpenContext = {}) =>
  openDriver(bare, { host: '127.0.0.1', port, user: 'u', pass: 'pw', ...options }, context)

export function ftpHarness(server: FtpServer, options: Readonly<Record<string, unknown>> = {}): Harness {
  return {
    siblings: 300,
    async seed(seeds) {
      for (const seed of seeds) {
        if (seed.kind === 'file') server.tree.seed(`/${seed.path}`, seed.bytes)
        else server.tree.makeFolders(`/${seed.path}`)
      }
    },
    connect: () => connectTo(server.port, options, { retries: { attempts } }),
    close: () => server.close(),
    control: controlOf(server),
  }
}

function controlOf(server: FtpServer): Control {
  return {
    attempts,
    faults: ['unavailable', 'broken-body'],
    open: () => server.open(),
    fail(fault, times) {
      if (fault.kind === 'unavailable') server.faults.unavailable = times
      else if (fault.kind === 'broken-body') server.faults.broken = { times, after: fault.after }
    },
    requests: () => server.requests.splice(0),
  }
}
