import { randomUUID } from 'node:crypto'
import type { Item } from '../cloud-tree/item.ts'
import { type Answer, isJson } from './answer.ts'
import { checkAccess } from './authorize.ts'
import { monitorHost } from './clouds.ts'
import { asGraphError, GraphError, invalid } from './graph-error.ts'
import { behaviorOf, findPlace, itemOf, type Place } from './place.ts'
import { readJson } from './read-body.ts'
import type { Call, CopyJob, Drive, Service, Target } from './service.ts'
import { conflictBehavior, flag, itemReference, memberOf, text, textOf } from './shape.ts'
import { referredFolder } from './update-item.ts'
import { nextVersion } from './version-number.ts'

// Source: driveItem: copy; "Working with long running actions".

const copyOf = {
  name: text,
  parentReference: itemReference,
  childrenOnly: flag,
  includeAllVersionHistory: flag,
  '@microsoft.graph.conflictBehavior': conflictBehavior,
}

/** `POST copy`: what is refused is refused at once, the copy itself is made while it is asked for. */
export async function copyItem(call: Call, target: Target): Promise<Answer> {
  const item = itemOf(target)
  const body = await readJson(call.incoming, 'microsoft.graph.copy', copyOf)
  const { service, query } = call
  if (body.childrenOnly === true || body.includeAllVersionHistory === true) throw new GraphError('notSupported')
  const reference = memberOf(body, 'parentReference')
  const name = textOf(body, 'name') ?? item.name
  const parent = service.tree.get(item.parents[0] ?? '')
  if (reference === undefined && parent === undefined) throw invalid('The root of a drive cannot be copied.')
  const to = reference
    ? referredFolder(call, reference, target.drive)
    : { drive: target.drive, folder: service.tree.need(parent?.id ?? target.drive.root) }
  checkAccess(service, call.caller, 'write', to.drive, to.folder)
  if (item.id === target.drive.root) throw invalid('The root of a drive cannot be copied.')
  if (service.tree.isWithin(to.folder.id, item.id)) throw invalid('A folder cannot be copied into itself.')
  const asked = behaviorOf(
    query.get('@microsoft.graph.conflictBehavior') ?? textOf(body, '@microsoft.graph.conflictBehavior'),
    'fail',
  )
  // Personal drives take no notice of it.
  const behavior = to.drive.type === 'personal' ? 'fail' : asked
  findPlace(service, to.folder, name, behavior)
  const run = (): string => make(service, item.id, to.drive, findPlace(service, to.folder, name, behavior)).id
  const job: CopyJob = { id: randomUUID(), polls: service.copyPolls, made: undefined, failed: undefined, run }
  service.copies.set(job.id, job)
  return { status: 202, headers: { Location: monitorUrl(call, to.drive, job.id) } }
}

const monitorUrl = ({ cloud }: Call, { type }: Drive, id: string): string =>
  type === 'personal'
    ? `https://${monitorHost}/v1.0/monitor/${id}`
    : `https://${cloud.sharepoint}/_api/v2.0/monitor/${id}`

function make(service: Service, id: string, drive: Drive, { parent, name, taken }: Place): Item {
  const { tree } = service
  const source = tree.need(id)
  const bytes = source.revisions.at(-1)?.bytes
  if (taken?.kind === 'file' && bytes) {
    const revisionFacts = { version: nextVersion(taken) }
    return tree.write(taken.id, bytes, { modified: source.modified, revisionFacts })
  }
  if (taken) throw new GraphError('nameAlreadyExists')
  service.makeIdsFor(drive)
  return tree.copy(id, { name, parents: [parent.id], created: source.created, facts: { locked: undefined } })
}

/** What the address of a copy says. It is short-lived, of the one who asked for it, and takes no token. */
export function monitor(service: Service, method: string, id: string, authorization: string | undefined): Answer {
  if (method !== 'GET') throw new GraphError('notAllowed')
  if (authorization !== undefined && service.refusesTokens)
    throw new GraphError('unauthenticated', { message: 'A monitor takes no Authorization header.' })
  const job = service.copies.get(id)
  if (job === undefined) throw new GraphError('itemNotFound')
  if (job.polls > 0) {
    job.polls -= 1
    const json = { operation: 'ItemCopy', percentageComplete: 27.8, status: 'inProgress' }
    return { status: 202, json }
  }
  finish(job)
  if (isJson(job.failed))
    return { status: 200, json: { operation: 'ItemCopy', percentageComplete: 0, status: 'failed', error: job.failed } }
  return {
    status: 200,
    json: { operation: 'ItemCopy', percentageComplete: 100, resourceId: job.made, status: 'completed' },
  }
}

function finish(job: CopyJob): void {
  if (job.made !== undefined || job.failed !== undefined) return
  try {
    job.made = job.run()
  } catch (error) {
    const known = asGraphError(error)
    if (known === undefined) throw error
    job.failed = { code: known.code, message: known.message }
  }
}
