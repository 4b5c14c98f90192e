import { randomBytes } from 'node:crypto'
import { type Harness, inFolder } from '@filegate/conformance'
import { type DriverDefinition, joinPath, openDriver, requireMethods, StorageError, streamBytes } from '@filegate/core'
import { createOutbound } from '../../packages/server/src/outbound/outbound.ts'
import { readProxy } from '../../packages/server/src/outbound/proxy-settings.ts'
import type { LiveProvider } from './live-provider.ts'

/** Files of the crowded folder: every one is a request, and vendors count these. */
const siblings = 130
const lanes = 4

export interface LiveHarness extends Harness {
  /** Whether the vendor renewed the token meanwhile. */
  readonly isRenewed: boolean
}

/**
 * The suite in a folder of its own on somebody's account, which is removed at the end. It is seeded by the driver itself: the
 * vendor has no other client here.
 */
export async function liveHarness(
  definition: DriverDefinition,
  { options, folder }: LiveProvider,
): Promise<LiveHarness> {
  const own = joinPath(
    folder,
    `filegate-live-${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`,
  )
  const outbound = createOutbound({ privateNetwork: true, proxy: readProxy(undefined, process.env) })
  const { fetch, agents, connectSocket } = outbound
  const renewals: string[] = []
  const account = requireMethods(
    // Names as the vendor has them: what the encoding makes of them is tested with other clients.
    await openDriver({ ...definition, names: 'untouched' }, options, {
      fetch,
      agents,
      connectSocket,
      saveToken: async () => void renewals.push(definition.slug),
    }),
    'write',
    'remove',
  )
  const driver = inFolder(account, own)
  console.info(`${definition.title}: working in /${own}, which is removed at the end.`)
  return {
    siblings,
    get isRenewed() {
      return renewals.length > 0
    },
    async seed(seeds) {
      const left = seeds.values()
      const work = async (): Promise<void> => {
        for (const seed of left) {
          if (seed.kind === 'directory') await driver.makeDirectory?.(seed.path)
          else await driver.write?.(seed.path, { body: streamBytes(seed.bytes), size: seed.bytes.length })
        }
      }
      await Promise.all(Array.from({ length: lanes }, work))
    },
    connect: async () => driver,
    async close() {
      try {
        await account.remove(own)
      } catch (error) {
        if (!StorageError.is(error, 'NotFound')) throw error
      } finally {
        await account.close?.()
        await outbound.close()
      }
    },
  }
}
