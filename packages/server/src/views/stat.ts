import { jsonType } from '../errors.ts'
import { createAccountNames } from '../listing/account-names.ts'
import { visibleChildren } from '../listing/count-children.ts'
import { pathTypeOf, rowOf } from '../listing/row.ts'
import { shownTarget } from '../listing/shown-target.ts'
import type { View } from './view.ts'

const accounts = createAccountNames()

/** What is known of a file or directory without reading it. */
export const stat: View = {
  name: 'stat',
  takes: 'any',
  async respond(context) {
    const { source, request, reply } = context
    const { entry } = source
    const { posix } = entry
    const headers = { 'content-type': jsonType, 'cache-control': 'no-cache' }
    if (request.method === 'HEAD') return reply(200, headers, null)
    const children = entry.kind === 'directory' ? await visibleChildren(context)(entry) : undefined
    const { size, mtime } = rowOf(entry, children)
    const facts = {
      name: entry.name,
      path: `/${entry.path}`,
      path_type: pathTypeOf(entry),
      size,
      mtime,
      permissions: posix ? (posix.mode & 0o7777).toString(8).padStart(4, '0') : null,
      owner: posix ? accounts.user(posix.uid) : (entry.owner ?? null),
      group: posix ? accounts.group(posix.gid) : null,
      is_symlink: entry.symlinkTarget !== undefined,
      symlink_target: shownTarget(entry, context),
      ...(entry.metadata && { metadata: entry.metadata }),
      revisions: (await context.revisions?.revisionsOf(entry.path)) ?? null,
    }
    return reply(200, headers, `${JSON.stringify(facts)}\n`)
  },
}
