import { type Classify, toStorageError } from '../classify.ts'
import type { StorageError } from '../error.ts'
import { around, type Call, type Layer } from './around.ts'
import { resumable } from './resumable.ts'

/**
 * Everything that fails rejects with a StorageError that says where: provider, operation and path. That holds also for
 * what fails inside a body after `read` has resolved.
 */
export function classified(classify?: Classify): Layer {
  return (inner) => {
    const explained = (error: unknown, { operation, path, options: { signal } }: Call): StorageError =>
      toStorageError(error, { provider: inner.provider, operation, path, signal }, classify)

    const outer = around(inner, async (call, proceed) => {
      try {
        return await proceed()
      } catch (error) {
        throw explained(error, call)
      }
    })
    return {
      ...outer,
      async read(path, options = {}) {
        const result = await outer.read(path, options)
        const recover = async (error: unknown): Promise<never> => {
          throw explained(error, { operation: 'read', path, options })
        }
        return { ...result, body: resumable(result.body, { recover }) }
      },
    }
  }
}
