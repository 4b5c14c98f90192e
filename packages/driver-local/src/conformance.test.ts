import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describeDriver, type Harness } from '@filegate/conformance'
import { openLocalDriver } from './driver.ts'
import { openBelow } from './testing/open-below.ts'

async function localHarness(): Promise<Harness> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'filegate-local-')))
  return {
    async seed(seeds) {
      for (const seed of seeds) {
        const place = join(folder, seed.path)
        await mkdir(seed.kind === 'file' ? dirname(place) : place, { recursive: true })
        if (seed.kind === 'file') await writeFile(place, seed.bytes)
      }
    },
    connect: async () => openLocalDriver({ root: folder, followsSymlinks: false }),
    close: () => rm(folder, { recursive: true }),
    control: process.platform === 'linux' ? { open: () => openBelow(folder) } : undefined,
  }
}

describeDriver('a local folder', await localHarness())
