import { hiddenOnTheWay } from '../access/hidden-on-the-way.ts'
import type { ViewContext } from '../views/view.ts'

/** What a page offers its reader to change. Whoever asks for it is looked at once more when it comes to that. */
export interface OfferedChanges {
  readonly upload: boolean
  readonly delete: boolean
}

const nothing: OfferedChanges = { upload: false, delete: false }

/** About another time, or another storage, a page only tells. */
const elsewhere = ['backend', 'at', 'revision']

export function offeredChanges({
  request,
  scope,
  settings,
}: Pick<ViewContext, 'request' | 'scope' | 'settings'>): OfferedChanges {
  const { path, query } = request
  if (scope.level(path) !== 'write' || hiddenOnTheWay(scope, path)) return nothing
  return elsewhere.some((name) => query.has(name))
    ? nothing
    : { upload: settings.allow.upload, delete: settings.allow.delete }
}
