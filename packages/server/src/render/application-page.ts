import { baseName, parsePath, StorageError, type StoragePath } from '@filegate/core'
import type { Settings } from '../settings.ts'
import type { ReadRequest, View } from '../views/view.ts'
import { indexName } from './rendered-index.ts'

/**
 * With `--render-spa`, the page that answers for a path at which there is nothing: such paths are places inside the
 * application. Undefined when `error` is to stand: for names with an extension, which are missing files, for programs,
 * and for whoever asked for a view.
 */
export function applicationPage(
  settings: Pick<Settings, 'render'>,
  request: Pick<ReadRequest, 'path' | 'surface'>,
  view: View | undefined,
  error: unknown,
): StoragePath | undefined {
  if (!settings.render.spa || view || request.surface !== 'basic') return undefined
  if (!StorageError.is(error, 'NotFound') || baseName(request.path).lastIndexOf('.') > 0) return undefined
  return parsePath(indexName)
}
