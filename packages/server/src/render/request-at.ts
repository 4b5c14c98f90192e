import type { StoragePath } from '@filegate/core'
import type { ReadRequest } from '../views/view.ts'

/** The same request for another path: what is shown in the place of what was asked for. */
export function requestAt(request: ReadRequest, path: StoragePath): ReadRequest {
  return {
    surface: request.surface,
    method: request.method,
    path,
    trailingSlash: false,
    query: request.query,
    plain: request.plain,
    header: (name) => request.header(name),
    get signal() {
      return request.signal
    },
  }
}
