import { memory, type StorageDriver } from '@filegate/core'
import type { Harness, Seed } from './harness.ts'

/** A harness over the storage in memory, for whatever wraps a driver: a layer, a whole assembly. */
export function memoryHarness(wrap: (driver: StorageDriver) => StorageDriver = (driver) => driver): Harness {
  let files: Readonly<Record<string, string | Uint8Array>> = {}
  return {
    async seed(seeds) {
      files = filesOf(seeds)
    },
    connect: async () => wrap(memory(files)),
  }
}

/** The seeds as `memory` takes them. */
export function filesOf(seeds: readonly Seed[]): Readonly<Record<string, string | Uint8Array>> {
  return Object.fromEntries(
    seeds.map((seed) => (seed.kind === 'file' ? [seed.path, seed.bytes] : [`${seed.path}/`, ''])),
  )
}
