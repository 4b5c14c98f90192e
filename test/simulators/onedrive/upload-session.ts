import { randomBytes } from 'node:crypto'
import type { Item } from '../cloud-tree/item.ts'
import { type Answer, type Json, ok } from './answer.ts'
import { uploadHost } from './clouds.ts'
import { GraphError, invalid } from './graph-error.ts'
import { formatTime } from './item-resource.ts'
import { behaviorOf, checkConditions, checkLock, findPlace } from './place.ts'
import { readJson } from './read-body.ts'
import type { Call, Drive, Service, Target, UploadSession } from './service.ts'
import { conflictBehavior, fileSystemInfo, flag, memberOf, object, text, textOf, whole } from './shape.ts'

// Source: driveItem: createUploadSession.

const uploadable = object('microsoft.graph.driveItemUploadableProperties', {
  name: text,
  description: text,
  fileSize: whole,
  fileSystemInfo,
  '@microsoft.graph.conflictBehavior': conflictBehavior,
})

export async function createUploadSession(call: Call, target: Target): Promise<Answer> {
  const type = 'microsoft.graph.createUploadSession'
  const body = await readJson(call.incoming, type, { item: uploadable, deferCommit: flag })
  const said = memberOf(body, 'item') ?? {}
  const { service } = call
  checkConditions(call, target)
  checkLock(target.item)
  checkRoom(service, target, said.fileSize)
  const session = sessionFor(call, target, body, said)
  service.sessions.set(session.id, session)
  return ok({
    '@odata.context': `https://${call.cloud.graph}/v1.0/$metadata#microsoft.graph.uploadSession`,
    uploadUrl: uploadUrl(call, target.drive, session.id),
    ...progress(session),
  })
}

const uploadUrl = ({ cloud }: Call, { type }: Drive, id: string): string =>
  type === 'personal'
    ? `https://${uploadHost}/up/${id}`
    : `https://${cloud.sharepoint}/_api/v2.0/uploadSession?guid=${id}&tempauth=v1`

export const progress = ({ expires, received, total, drive }: UploadSession): Json => ({
  expirationDateTime: formatTime(expires, drive),
  nextExpectedRanges: received === total ? [] : [`${received}-`],
})

export function checkRoom({ tree }: Service, { drive, item }: Pick<Target, 'drive' | 'item'>, size: unknown): void {
  const { total, used } = tree.quota(drive.root)
  const before = item?.revisions.at(-1)?.bytes.length ?? 0
  if (typeof size === 'number' && total !== undefined && used - before + size > total)
    throw new GraphError('quotaLimitReached', { inner: 'insufficientStorage' })
}

function sessionFor(call: Call, { drive, item, place }: Target, body: Json, said: Json): UploadSession {
  const { service } = call
  const where = place ?? (item?.kind === 'file' ? { parent: parentOf(call, item), name: item.name } : undefined)
  if (where === undefined) throw invalid('An upload session needs a file, or the name of one.')
  const name = textOf(said, 'name') ?? where.name
  if (name.toLowerCase() !== where.name.toLowerCase())
    throw invalid('The name in the request does not match the name in the path.')
  if (item?.kind === 'folder') throw new GraphError('nameAlreadyExists')
  // The reference calls `fail` the default; clients in wide use rely on files being replaced.
  const behavior = behaviorOf(textOf(said, '@microsoft.graph.conflictBehavior'), 'replace')
  const found = findPlace(service, where.parent, where.name, behavior)
  return {
    id: randomBytes(24).toString('hex'),
    drive,
    item: found.taken?.id,
    parent: where.parent.id,
    name: where.name,
    behavior,
    fileSystemInfo: memberOf(said, 'fileSystemInfo'),
    description: textOf(said, 'description'),
    deferCommit: body.deferCommit === true,
    expires: service.tree.now() + service.sessionMinutes * 60_000,
    total: undefined,
    received: 0,
    fragments: [],
  }
}

const parentOf = ({ service: { tree } }: Call, item: Item): Item => tree.need(item.parents[0] ?? '')
