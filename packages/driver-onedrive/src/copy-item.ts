import { type Operation, pages, parseRetryAfter, StorageError, systemClock, type TreePlace } from '@filegate/core'
import { repeating } from '@filegate/core/http-body'
import { z } from 'zod'
import { type Address, addressOf, childPath, itemPath } from './address.ts'
import { childrenOf } from './children.ts'
import { askForItem, type Connection } from './connection.ts'
import { classify } from './errors.ts'
import { type OneDriveItem, timesOf } from './item.ts'
import { jsonIn } from './json-answer.ts'
import { makeDirectory } from './make-directory.ts'
import { openFile } from './open.ts'
import { carryPermissions } from './permissions.ts'
import { refusalOf } from './refusal.ts'
import { soonThere } from './soon-there.ts'
import { createFile } from './upload.ts'
import { removeOldVersions } from './versions.ts'

/**
 * Copies a file, or a directory with all it holds, to where nothing is.
 * @param above ids of the directories around the item that are being copied
 */
export async function copyItem(
  connection: Connection,
  item: OneDriveItem,
  place: TreePlace,
  options: Operation,
  above: readonly string[] = [],
): Promise<OneDriveItem> {
  const [from, to] = [addressOf(item.id), addressOf(place.directory)]
  const copy = isForService(connection, from, to)
    ? await copyByService(connection, from, place, options)
    : await copyByHand(connection, item, place, { ...options, above })
  const timed = await withTimeOf(connection, item, copy, options)
  await carryPermissions(connection, item, addressOf(timed.id), options)
  return timed
}

/** Only personal drives are known to copy from one to another. */
const isForService = ({ drive, options }: Connection, from: Address, to: Address): boolean =>
  from.drive === to.drive || drive.type === 'personal' || options.server_side_across_configs

async function copyByService(
  connection: Connection,
  from: Address,
  { directory, name }: TreePlace,
  { signal }: Operation,
): Promise<OneDriveItem> {
  const { graph, cloud } = connection
  const to = addressOf(directory)
  const body = { name, parentReference: { driveId: to.drive, id: to.item } }
  const answer = await graph.answer({ method: 'POST', path: `${itemPath(from)}/copy`, body, signal })
  await answer.body?.cancel()
  const monitor = answer.headers.get('location')
  if (monitor !== null) await finished(connection, monitor, { signal })
  const call = { method: 'GET', path: childPath(to, name, cloud), signal } as const
  return soonThere(() => askForItem(connection, to.drive, call), { signal })
}

const repeated = repeating('onedrive', classify)

/** Bytes that an answer may have. */
const longest = 1_048_576

/** Milliseconds. */
const [firstPause, longestPause] = [100, 5000]

const monitored = z.object({
  status: z.string().catch(''),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  errorCode: z.string().nullish(),
})

/** Waits for work that goes on: https://learn.microsoft.com/graph/long-running-actions-overview. Nobody logs in there. */
async function finished({ fetch }: Connection, monitor: string, { signal }: Operation): Promise<void> {
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    // What is not told for a moment goes on all the same.
    const response = await repeated(
      async () => {
        const answer = await fetch(monitor, { redirect: 'manual', signal: signal ?? null })
        if (answer.ok || answer.status === 302 || answer.status === 303) return answer
        throw await refusalOf(answer, 'bytes')
      },
      { signal },
    )
    // It leads to the copy once there is one.
    if (!response.ok) {
      await response.body?.cancel()
      return
    }
    const { status, error, errorCode } = monitored.parse(await jsonIn(response, { longest, signal }))
    if (status === 'completed') return
    if (status === 'failed' || status === 'deleteFailed' || status === 'cancelled') {
      throw failure(error?.code ?? errorCode ?? '')
    }
    const wanted = (parseRetryAfter(response.headers.get('retry-after') ?? '') ?? 0) * 1000
    await systemClock.sleep(Math.max(pause, wanted), signal)
  }
}

/** As if the call itself had been refused. */
function failure(code: string): Error {
  const facts = {
    status: 400,
    headers: new Headers(),
    vendorCodes: [code.toLowerCase()],
    vendorMessage: '',
    from: 'api',
  }
  return Object.assign(new Error(`OneDrive could not copy: ${code}.`), facts)
}

interface ByHand extends Operation {
  readonly above: readonly string[]
}

/** By reading and writing, in a stream. */
async function copyByHand(
  connection: Connection,
  item: OneDriveItem,
  place: TreePlace,
  { above, signal }: ByHand,
): Promise<OneDriveItem> {
  const { facts, id } = item
  if (facts.kind === 'file') {
    const { body, facts: { size, modified, contentType } = facts } = await openFile(connection, item, { signal })
    return createFile(connection, place, { body, size, modified, contentType, signal })
  }
  // What is shared may hold an entry that leads back to what it lies in.
  if (above.includes(id)) {
    throw new StorageError('Unsupported', `'${facts.name}' leads back to a folder around it, so it has no end to copy.`)
  }
  const directory = await makeDirectory(connection, place, { signal })
  for await (const child of pages((page) => childrenOf(connection, item.id, page), { signal })) {
    await copyItem(connection, child, { directory: directory.id, name: child.facts.name }, { signal }, [...above, id])
  }
  return directory
}

/** The service gives copies the time of copying. */
async function withTimeOf(
  connection: Connection,
  { facts: { kind, modified } }: OneDriveItem,
  copy: OneDriveItem,
  { signal }: Operation,
): Promise<OneDriveItem> {
  if (kind === 'directory' || modified === undefined || copy.facts.modified === modified) return copy
  const { own } = copy
  const call = { method: 'PATCH', path: itemPath(own), body: timesOf(modified), signal } as const
  const timed = await soonThere(() => askForItem(connection, own.drive, call), { signal })
  // Drives of organizations take another time for another version.
  if (connection.options.no_versions) await removeOldVersions(connection, own, { signal })
  return timed
}
