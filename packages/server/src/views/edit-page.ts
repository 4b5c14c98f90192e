import { isUtf8 } from 'node:buffer'
import { collectBytes, type FileEntry, StorageError } from '@filegate/core'
import { hiddenOnTheWay } from '../access/hidden-on-the-way.ts'
import { refusal } from '../access/restricted.ts'
import { editHtml } from '../pages/edit-page.ts'
import { changingPageHeaders } from '../pages/page.ts'
import { checkAllowed } from '../writing/permission.ts'
import type { MissingContext, View, ViewContext } from './view.ts'

/** Bytes of a text that a page can hold. */
export const mostEdited = 4 * 1024 * 1024

/** A page with an editor. What it saves replaces only the version that it shows. */
export const editPage: View = {
  name: 'edit',
  takes: 'file',
  feature: 'upload',
  async respond(context) {
    const { source, request, reply, settings } = context
    checkMayWrite(context)
    checkAllowed(settings, 'delete')
    const { entry } = source
    if (entry.kind === 'directory') throw refuse(context, 'is a folder')
    const { etag } = entry
    if (etag === undefined || etag.startsWith('W/'))
      throw refuse(context, 'has no version to hold on to in its storage')
    await checkText(context, entry)
    return reply(
      200,
      changingPageHeaders,
      request.method === 'HEAD' ? null : editHtml(context, { path: request.path, etag }),
    )
  },
  respondMissing(context) {
    const { request, reply } = context
    checkMayWrite(context)
    if (request.path === '' || request.trailingSlash) throw refuse(context, 'would be a folder')
    const page = { path: request.path, etag: undefined }
    return reply(200, changingPageHeaders, request.method === 'HEAD' ? null : editHtml(context, page))
  },
}

function checkMayWrite(context: MissingContext): void {
  const { scope, request } = context
  const { path, query } = request
  if (scope.level(path) !== 'write' || hiddenOnTheWay(scope, path)) throw refusal(scope, path)
  if (query.has('at') || query.has('revision'))
    throw refuse(context, 'is shown as it was, and only what it is can be edited')
}

/** @throws StorageError `TooLarge`, `InvalidArgument` */
async function checkText(context: ViewContext, { size }: FileEntry): Promise<void> {
  const { source, request } = context
  if (size === 0) return
  if (size === undefined || size > mostEdited) {
    const message = `/${request.path} is too large to be edited here: a page holds up to ${mostEdited / 1024 / 1024} MiB.`
    throw new StorageError('TooLarge', message, { path: request.path })
  }
  const { body } = await source.open({ signal: request.signal })
  const bytes = await collectBytes(body, request.signal)
  // An editor in a browser would not give back the bytes of anything else.
  if (!isUtf8(bytes) || bytes.includes(0)) throw refuse(context, 'is not a text in UTF-8, and editing would damage it')
}

const refuse = ({ request: { path } }: Pick<ViewContext, 'request'>, why: string): StorageError =>
  new StorageError('InvalidArgument', `/${path} cannot be edited: it ${why}.`, { path })
