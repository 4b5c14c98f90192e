import {
  type Entry,
  isADirectory,
  notADirectory,
  parentPath,
  pulledBody,
  requireMethods,
  root,
  statIfThere,
  type StorageDriver,
} from '@filegate/core'
import { Query } from '../http/query.ts'
import { typeOfName } from '../http/content-type.ts'
import { type Guard, guardWrite } from '../writing/guard.ts'
import { perform } from '../writing/perform.ts'
import { type ReceivedBody, receiveBody } from '../writing/received-body.ts'
import type { Operation, Writing } from '../writing/writing.ts'
import { layAside } from './lay-aside.ts'
import { fileChunks, readBytes } from './upload-bytes.ts'
import type { UploadState } from './upload-state.ts'
import type { UploadTarget } from './upload-target.ts'
import type { Uploading } from './uploading.ts'

/**
 * Refuses an upload that could not take its place now: for want of a right, because a condition does not hold, or since somebody is at it.
 * @throws StorageError
 */
export async function checkTarget(
  uploading: Uploading,
  target: UploadTarget,
  conditions: UploadState['conditions'],
): Promise<void> {
  await performOn(uploading, { target, conditions }, async (writing, storage) => {
    if (!(await entryAt(writing, storage)) && writing.changes) await checkFolder(writing, storage)
    const guard = await guardWrite(writing, storage)
    guard.release()
  })
}

/**
 * Puts a complete upload in its place, and remembers that. The client may leave meanwhile: it would begin again otherwise, and on a slow
 * backend never come to an end. Whoever calls holds the upload.
 */
export async function publish(uploading: Uploading, state: UploadState): Promise<UploadState> {
  const { target } = state
  if (!target || state.outcome !== undefined) return state
  await performOn(uploading, { ...state, target }, (writing, storage) => place(writing, storage, state, target))
  const stored: UploadState = { ...state, outcome: 'stored' }
  await layAside(uploading.parts.store, uploading.owner, stored)
  return stored
}

type Doing = (writing: Writing, storage: ReturnType<typeof writable>) => Promise<void>

const writable = (storage: StorageDriver) => requireMethods(storage, 'write')

/** As PUT would do it, with everything checked that is checked there. */
async function performOn(
  { parts, scope }: Uploading,
  { target, conditions }: Pick<UploadState, 'conditions'> & { readonly target: UploadTarget },
  work: Doing,
): Promise<void> {
  const operation: Operation = {
    features: ['upload'],
    right: 'write',
    async run(writing) {
      await work(writing, writable(await writing.open(target.backend)))
      return writing.parts.reply(204, {}, null)
    },
  }
  await perform(parts.writing, scope, operation, {
    incoming: {
      request: new Request('http://upload.invalid/', { method: 'PUT' }),
      target: '/',
      header: (name) => conditions[name],
      hasBody: false,
      body: () => null,
    },
    query: new Query(''),
    surface: 'v1',
    base: parts.collection,
    backend: target.backend,
    path: target.path,
    trailingSlash: false,
  })
}

/** Folders are made where they are missing, but not in the place of files. @throws StorageError `NotADirectory` */
async function checkFolder({ place, signal }: Writing, storage: StorageDriver): Promise<void> {
  for (let at = place.path; at !== root; ) {
    at = parentPath(at)
    const entry = await statIfThere(storage, at, { signal, fresh: true })
    if (entry?.kind === 'file') throw notADirectory(at)
    if (entry) return
  }
}

/** @throws StorageError `IsADirectory` */
async function entryAt({ place, signal }: Writing, storage: StorageDriver): Promise<Entry | undefined> {
  const entry = await statIfThere(storage, place.path, { signal, fresh: true })
  if (entry?.kind === 'directory') throw isADirectory(place.path)
  return entry
}

async function place(
  writing: Writing,
  storage: Parameters<Doing>[1],
  state: UploadState,
  target: UploadTarget,
): Promise<void> {
  if (writing.changes && (await isInPlace(await entryAt(writing, storage), state))) return
  const guard = await guardWrite(writing, storage)
  try {
    if (writing.changes) await adopt(writing, state, target, guard)
    else await send(writing, storage, { state, target, guard })
  } finally {
    guard.release()
  }
}

/** The process may have died between putting it there and remembering that. */
async function isInPlace(entry: Entry | undefined, state: UploadState): Promise<boolean> {
  const file = await readBytes(state)
  try {
    const { ino, dev } = await file.stat()
    return entry?.posix !== undefined && Number(entry.posix.inode) === ino && Number(entry.posix.device) === dev
  } finally {
    await file.close()
  }
}

async function adopt(writing: Writing, state: UploadState, { modified }: UploadTarget, guard: Guard): Promise<void> {
  const { changes, place: to, signal } = writing
  try {
    await guard.beforeEnd?.()
    await changes?.adopt(to.path, { file: state.place, modified, conditions: guard.conditions, signal })
  } catch (error) {
    throw guard.explained(error)
  }
}

interface Sending {
  readonly state: UploadState
  readonly target: UploadTarget
  readonly guard: Guard
}

async function send(writing: Writing, storage: Parameters<Doing>[1], sending: Sending): Promise<void> {
  const { state, target, guard } = sending
  const { modified, contentType = typeOfName(target.path) } = target
  const { beforeEnd, conditions } = guard
  const { signal } = writing
  const size = state.offset
  let received: ReceivedBody | undefined
  const file = await readBytes(state)
  try {
    const body = pulledBody(fileChunks(file, size))
    received = receiveBody(body, { size, digests: [], beforeEnd, signal })
    await storage.write(target.path, { body: received.body, size, modified, contentType, conditions, signal })
  } catch (error) {
    throw received?.failure() ?? guard.explained(error)
  } finally {
    await file.close()
  }
}
