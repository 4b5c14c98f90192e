import { root, StorageError, type StoragePath } from '@filegate/core'
import { hiddenOnTheWay } from '../access/hidden-on-the-way.ts'
import { refusal } from '../access/restricted.ts'
import type { Scope } from '../access/scope.ts'
import { problem } from '../http/problem.ts'
import { Query } from '../http/query.ts'
import { searchOfTarget } from '../http/read-request.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import { isTrashId, type TrashId } from '../trash/trash-id.ts'
import { itemJson, type TrashItem } from '../trash/trash-item.ts'
import type { Trash } from '../trash/trash.ts'
import { checkAllowed } from '../writing/permission.ts'
import { type Administration, json } from './administration.ts'

/** Notes that are read for one answer. A page may be short while there is more, as others' files are left out. */
const mostLooked = 5000

/** `GET /api/v1/trash`: what was deleted, the latest first. */
export async function listTrash(request: Administration): Promise<Response> {
  const { scope, reply, incoming } = request
  const trash = trashOf(request)
  const query = new Query(searchOfTarget(incoming.target))
  const limit = query.integer('limit', { default: 100, min: 1, max: 1000 })
  const after = query.text('after')
  if (after !== undefined && !isTrashId(after)) {
    throw new StorageError('InvalidArgument', "Parameter 'after' takes the next_after of the page before.")
  }
  if (scope.level(root) === 'none') throw refusal(scope, root)
  const ids = (await trash.ids()).filter((id) => after === undefined || id < after)
  const items: TrashItem[] = []
  let last: TrashId | undefined
  for (const id of ids.slice(0, mostLooked)) {
    if (items.length === limit) break
    last = id
    const item = await trash.item(id)
    if (item && shows(scope, item.path)) items.push(item)
  }
  const hasMore = last !== undefined && last !== ids.at(-1)
  return json(reply, 200, {
    items: items.map(itemJson),
    count: items.length,
    has_more: hasMore,
    next_after: hasMore ? last : null,
  })
}

/** `DELETE /api/v1/trash`: removes for good all that the caller may delete. */
export async function emptyTrash(request: Administration): Promise<Response> {
  const { scope, reply, incoming } = request
  const trash = changing(request)
  let removed = 0
  let refused: StoragePath | undefined
  for (const id of await trash.ids()) {
    incoming.request.signal.throwIfAborted()
    const item = await trash.item(id)
    // What nobody can tell where it came from is for whoever may delete everything.
    const path = item?.path ?? root
    if (!mayDelete(scope, path)) refused ??= shows(scope, path) ? path : undefined
    else if (await trash.remove(id)) removed += 1
  }
  if (removed === 0 && refused !== undefined) throw refusal(scope, refused)
  return json(reply, 200, { success: true, removed })
}

/** `DELETE /api/v1/trash/{id}`: removes one thing for good. */
export async function removeFromTrash(request: Administration, id: string): Promise<Response> {
  const { scope, reply } = request
  const trash = changing(request)
  const item = isTrashId(id) ? await trash.item(id) : undefined
  if (!item || !(shows(scope, item.path) || mayDelete(scope, item.path))) {
    throw new StorageError('NotFound', `The trash holds nothing with this id: ${id}`)
  }
  if (!mayDelete(scope, item.path)) throw refusal(scope, item.path)
  if (!(await trash.remove(item.id))) {
    throw problem('Conflict', { code: 'FILE_PATH_BUSY' }, 'Somebody else is at it at this moment. Nothing was changed.')
  }
  return reply(204, { 'cache-control': 'no-store' }, null)
}

function trashOf({ trash, scope }: Administration): Trash {
  if (trash) return trash
  if (scope.level(root) === 'none') throw refusal(scope, root)
  throw new StorageError('NotFound', 'There is no trash; the server must be started with --trash.')
}

function changing(request: Administration): Trash {
  const { incoming, settings, scope } = request
  checkSameOrigin(incoming)
  if (scope.level(root) === 'none') throw refusal(scope, root)
  const trash = trashOf(request)
  checkAllowed(settings, 'delete')
  return trash
}

/** What listings leave out is left out of the trash, too. */
function shows(scope: Scope, path: StoragePath): boolean {
  const level = scope.level(path)
  return (level === 'read' || level === 'write') && !hiddenOnTheWay(scope, path)
}

const mayDelete = (scope: Scope, path: StoragePath): boolean =>
  scope.lowest(path) === 'write' && !hiddenOnTheWay(scope, path)
