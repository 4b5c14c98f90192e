import type { Scope } from '../access/scope.ts'
import { errorResponse, jsonType } from '../errors.ts'
import { preflight } from '../http/preflight.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Reply } from '../http/reply.ts'
import { checkSameOrigin } from '../http/same-origin.ts'
import { continueUpload } from '../uploads/continue-upload.ts'
import { createUpload } from '../uploads/create-upload.ts'
import { asDiskProblem } from '../uploads/disk-problem.ts'
import { endUpload } from '../uploads/end-upload.ts'
import { showUpload } from '../uploads/show-upload.ts'
import { uploadParts, type UploadsStart } from '../uploads/start-uploads.ts'
import { tusAbilities, tusVersion } from '../uploads/tus.ts'
import { ownerOf } from '../uploads/upload-store.ts'
import type { Uploading, UploadParts } from '../uploads/uploading.ts'

type Answer = (uploading: Uploading, id: string) => Promise<Response>

const ofAll: Readonly<Record<string, Answer>> = { POST: createUpload }
const ofOne: Readonly<Record<string, Answer>> = { HEAD: showUpload, PATCH: continueUpload, DELETE: endUpload }

/** Answers about resumable uploads: all of them where there is no identifier, otherwise one. */
export type AnswerUploads = (incoming: Incoming, scope: Scope, id: string | undefined) => Promise<Response>

/** Browsers show pages of other origins these, where they do not know the `*`. */
const exposed =
  'Authorization,*,Location,Upload-Offset,Upload-Length,Upload-Defer-Length,Upload-Metadata,Upload-Concat,Upload-Expires,Tus-Version,Tus-Resumable,Tus-Max-Size,Tus-Extension,Tus-Checksum-Algorithm'

export function createUploads(start: UploadsStart): AnswerUploads {
  const { settings, report } = start
  const own = { 'tus-resumable': tusVersion, ...(settings.cors && { 'access-control-expose-headers': exposed }) }
  const reply: Reply = Object.assign(
    (...[status, headers, body]: Parameters<Reply>) => start.reply(status, { ...own, ...headers }, body),
    {
      merged: (...given: Parameters<Reply['merged']>) => start.reply.merged(...given),
      complete: (...given: Parameters<Reply['complete']>) => start.reply.complete(...given),
    },
  )
  let parts: UploadParts | undefined
  return async (incoming, scope, id) => {
    const method = incoming.header('x-http-method-override')?.trim().toUpperCase() ?? incoming.request.method
    const answers = id === undefined ? ofAll : ofOne
    const allow = [...Object.keys(answers), 'OPTIONS'].join(', ')
    if (method === 'OPTIONS') {
      const abilities = settings.allow.upload ? tusAbilities(settings.maxBodySize) : { 'tus-version': tusVersion }
      return reply(204, { allow, ...abilities, ...(settings.cors && preflight) }, null)
    }
    if (incoming.header('tus-resumable') !== tusVersion) return reply(412, { 'tus-version': tusVersion }, null)
    try {
      const answer = Object.hasOwn(answers, method) ? answers[method] : undefined
      if (!answer) return notAllowed(reply, allow)
      parts ??= uploadParts(start)
      if (method !== 'HEAD') checkOrigin(incoming, scope, settings.cors)
      return await answer({ parts, incoming, scope, owner: ownerOf(scope.user), reply }, id ?? '')
    } catch (error) {
      return errorResponse(asDiskProblem(error), reply, report)
    }
  }
}

/**
 * Where other origins may read, their pages may upload for who logged in to them. A browser asks before it sends `Tus-Resumable`, and
 * sends no log-in of ours along then; so a page that has one was given it. Without a log-in it is only the place in the network that lets
 * somebody in, and that is not for pages of others to use.
 */
function checkOrigin(incoming: Incoming, { user }: Scope, cors: boolean): void {
  if (!cors || user === null) checkSameOrigin(incoming)
}

function notAllowed(reply: Reply, allow: string): Response {
  const body = JSON.stringify({ success: false, error: `Only ${allow} work here.`, code: 'METHOD_NOT_ALLOWED' })
  return reply(405, { allow, 'content-type': jsonType, 'cache-control': 'no-store' }, body)
}
