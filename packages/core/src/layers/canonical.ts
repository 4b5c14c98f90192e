import type { StorageDriver } from '../contract.ts'
import { canonicalPath } from '../names/canonical-path.ts'
import type { StoragePath } from '../path.ts'
import { around } from './around.ts'

/** Every spelling of a path is taken for the canonical one, so that what stands inside knows an entry by one path only. */
export function canonical(inner: StorageDriver): StorageDriver {
  const outer = around(inner, async ({ path }, proceed) => proceed({ path: canonicalPath(path) }))
  const [copy, move] = [outer.copy?.bind(outer), outer.move?.bind(outer)]
  return {
    ...outer,
    ...(copy && { copy: async (path, options) => copy(path, withCanonicalDestination(options)) }),
    ...(move && { move: async (path, options) => move(path, withCanonicalDestination(options)) }),
  } satisfies StorageDriver
}

function withCanonicalDestination<Options extends { readonly destination: StoragePath }>(options: Options): Options {
  return { ...options, destination: canonicalPath(options.destination) }
}
