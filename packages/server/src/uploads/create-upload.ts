import { randomBytes } from 'node:crypto'
import { root, StorageError } from '@filegate/core'
import { refusal } from '../access/restricted.ts'
import { created, nextExpiry } from './answers.ts'
import { joinUploads } from './join-uploads.ts'
import { checkTarget, publish } from './publish.ts'
import { takeIn } from './take-in.ts'
import { byteCount, tusType } from './tus.ts'
import { tooLarge, tusProblem } from './tus-problem.ts'
import { choosePlace, makeBytes, removeBytes } from './upload-bytes.ts'
import { parseConcat, type UploadConcat } from './upload-concat.ts'
import { parseMetadata } from './upload-metadata.ts'
import { isComplete, type UploadState } from './upload-state.ts'
import { targetOf } from './upload-target.ts'
import type { Uploading } from './uploading.ts'

/** Uploads that one account may have under way. */
const mostUnfinished = 1000

/** Of a PUT, too. `If-Modified-Since` is about reading only. */
const conditional = ['if-match', 'if-none-match', 'if-unmodified-since'] as const

/** POST makes an upload, of parts that have come or of bytes that are to come. It may bring the first of them along. */
export async function createUpload(uploading: Uploading): Promise<Response> {
  const { parts, incoming, owner } = uploading
  const concat = parseConcat(incoming.header('upload-concat'), parts.collection)
  const metadata = incoming.header('upload-metadata') ?? ''
  const target = targetOf(parseMetadata(metadata))
  const conditions = conditionsOf(uploading)
  const { kind } = concat
  if (!target) checkMayWrite(uploading, concat)
  else if (kind !== 'final') await checkTarget(uploading, target, conditions)
  const facts = {
    metadata,
    target: kind === 'partial' ? undefined : target,
    conditions,
    concat: incoming.header('upload-concat'),
    kind,
  }
  if (concat.kind === 'final') return joinUploads(uploading, newState(facts), concat.parts)
  const length = lengthOf(uploading)
  const bringsBytes = broughtBytes(uploading)
  if ((await parts.store.count(owner)) >= mostUnfinished) throw tooMany()
  const state = await begin(uploading, { ...newState(facts), length })
  return created(uploading, await firstBytes(uploading, state, bringsBytes), bringsBytes)
}

type Facts = Pick<UploadState, 'metadata' | 'target' | 'conditions' | 'concat' | 'kind'>

const newState = (facts: Facts): UploadState => ({
  ...facts,
  id: randomBytes(16).toString('hex'),
  offset: 0,
  place: '',
  expires: nextExpiry(),
})

async function begin({ parts, owner }: Uploading, state: UploadState): Promise<UploadState> {
  const { settings, folder, directory, store } = parts
  const place = await choosePlace({ root: folder.local.root, directory }, state.target?.backend)
  const begun = { ...state, place }
  // First, so that no bytes are there of which nobody knows.
  await store.save(owner, begun, true)
  try {
    await makeBytes(place, settings.sync)
  } catch (error) {
    await store.forget(owner, state.id)
    throw error
  }
  return begun
}

/** Nobody knows the identifier before the answer, so what fails until then leaves nothing. */
async function firstBytes(uploading: Uploading, state: UploadState, bringsBytes: boolean): Promise<UploadState> {
  const { parts, owner } = uploading
  const release = await parts.turns.hold([state.id])
  try {
    const next = bringsBytes ? await takeIn(uploading, state) : state
    return isComplete(next) ? await publish(uploading, next) : next
  } catch (error) {
    await removeBytes(state)
    await parts.store.forget(owner, state.id)
    throw error
  } finally {
    release()
  }
}

function lengthOf({ incoming, parts }: Uploading): number | undefined {
  const length = incoming.header('upload-length')
  const deferred = incoming.header('upload-defer-length')
  if ((length === undefined) === (deferred === undefined) || (deferred !== undefined && deferred !== '1')) {
    const message = "An upload takes a header Upload-Length, or 'Upload-Defer-Length: 1', and not both."
    throw new StorageError('InvalidArgument', message)
  }
  const bytes = length === undefined ? undefined : byteCount('Upload-Length', length)
  const most = parts.settings.maxBodySize
  if (bytes !== undefined && most !== undefined && bytes > most) throw tooLarge(most)
  return bytes
}

function broughtBytes({ incoming }: Uploading): boolean {
  const type = incoming.header('content-type')?.trim().toLowerCase()
  if (type === tusType) return true
  if (!incoming.hasBody) return false
  throw tusProblem('UNSUPPORTED_MEDIA_TYPE', `The body of a new upload must be of the type ${tusType}.`)
}

function conditionsOf({ incoming }: Uploading): UploadState['conditions'] {
  const sent = conditional.map((name) => [name, incoming.header(name)] as const)
  return Object.fromEntries(
    sent.filter((pair): pair is [(typeof conditional)[number], string] => pair[1] !== undefined),
  )
}

/** A part of an upload need not say where the whole will go; whoever may write nowhere has no use for it. */
function checkMayWrite({ parts, scope }: Uploading, { kind }: UploadConcat): void {
  if (kind !== 'partial') {
    const message = "Upload-Metadata must say where the file goes: 'path', or 'filename' and perhaps 'directory'."
    throw new StorageError('InvalidArgument', message)
  }
  const { accounts } = parts.settings
  const own = accounts.filter(({ user }) => user === undefined || user === scope.user)
  const mayWrite = accounts.length === 0 || own.some(({ paths }) => paths.some(({ level }) => level === 'write'))
  if (!mayWrite) throw refusal(scope, root)
}

const tooMany = (): StorageError =>
  tusProblem(
    'TOO_MANY_UPLOADS',
    `There are ${mostUnfinished} uploads under way for this account. Finish or delete some of them first.`,
  )
