import { randomBytes } from 'node:crypto'
import type { files } from '../../../packages/driver-dropbox/src/testing/vendor-client.ts'
import { digestOf } from '../cloud-tree/digest-of.ts'
import { endpointError, PathProblem, tagged, type Tagged } from './api-error.ts'
import type { ArgumentOf, CommitInfo, FinishArgument, UploadCursor } from './arguments.ts'
import type { Call } from './call.ts'
import { commitFile } from './commit.ts'
import { concurrentUnit, contentOf, mostBytes, mostSessionDays, type Session } from './session.ts'

/** A refusal that a batch shows in the place of one of its files. */
class Refused extends Error {
  readonly error: Tagged

  constructor(error: Tagged) {
    super(error['.tag'])
    this.error = error
  }
}

function answering<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw error instanceof Refused ? endpointError(error.error) : error
  }
}

function checkContent({ content, state }: Call, hash: string | undefined): void {
  if (content.length > state.limits.request) throw new Refused(tagged('payload_too_large'))
  if (hash !== undefined && digestOf(content, 'dropbox').toString('hex') !== hash) {
    throw new Refused(tagged('content_hash_mismatch'))
  }
}

function newSession(call: Call, kind: Session['kind']): Session {
  const session: Session = {
    id: `pid_upload_session:${randomBytes(36).toString('base64url')}`,
    kind,
    owner: call.account?.accountId,
    started: call.state.tree.now(),
    pieces: new Map(),
    size: 0,
    closed: false,
    committed: false,
  }
  call.state.sessions.set(session.id, session)
  return session
}

export function upload(call: Call, argument: ArgumentOf<'upload'>): files.FileMetadata {
  return answering(() => {
    checkContent(call, argument.content_hash)
    try {
      return commitFile(call, argument, call.content)
    } catch (error) {
      if (!(error instanceof PathProblem)) throw error
      // The bytes are kept: they can be committed elsewhere.
      const session = newSession(call, 'sequential')
      addPiece(session, call.content)
      throw new Refused(tagged('path', { reason: error.error, upload_session_id: session.id }))
    }
  })
}

function addPiece(session: Session, bytes: Buffer): void {
  if (bytes.length > 0) session.pieces.set(session.size, bytes)
  session.size += bytes.length
}

export function startSession(call: Call, argument: ArgumentOf<'sessionStart'>): files.UploadSessionStartResult {
  return answering(() => {
    const kind = argument.session_type?.tag ?? 'sequential'
    checkContent(call, argument.content_hash)
    if (kind === 'concurrent' && call.content.length > 0)
      throw new Refused(tagged('concurrent_session_data_not_allowed'))
    if (kind === 'concurrent' && argument.close) throw new Refused(tagged('concurrent_session_close_not_allowed'))
    const session = newSession(call, kind)
    addPiece(session, call.content)
    session.closed = argument.close
    return { session_id: session.id }
  })
}

function findSession({ state, account }: Call, { session_id: id }: UploadCursor): Session {
  const session = state.sessions.get(id)
  const oldest = state.tree.now() - mostSessionDays * 86_400_000
  if (!session || session.owner !== account?.accountId || session.started < oldest)
    throw new Refused(tagged('not_found'))
  return session
}

/** @param isLast whether nothing comes after these bytes */
function append(session: Session, bytes: Buffer, offset: number, isLast: boolean): void {
  if (session.closed || session.committed) throw new Refused(tagged('closed'))
  if (offset + bytes.length > mostBytes) throw new Refused(tagged('too_large'))
  if (session.kind === 'sequential') {
    if (offset !== session.size) throw new Refused(tagged('incorrect_offset', { correct_offset: session.size }))
    addPiece(session, bytes)
  } else {
    if (offset % concurrentUnit !== 0) throw new Refused(tagged('concurrent_session_invalid_offset'))
    if (!isLast && bytes.length % concurrentUnit !== 0) {
      throw new Refused(tagged('concurrent_session_invalid_data_size'))
    }
    session.pieces.set(offset, bytes)
  }
  session.closed = isLast
}

export function appendToSession(call: Call, argument: ArgumentOf<'sessionAppend'>): undefined {
  answering(() => {
    const { cursor, close, content_hash: hash } = argument
    checkContent(call, hash)
    append(findSession(call, cursor), call.content, cursor.offset, close)
  })
}

/** Of an error about a session, what the routes that finish call it. */
function lookingUp<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw error instanceof Refused ? new Refused(tagged('lookup_failed', error.error)) : error
  }
}

function commitSession(call: Call, session: Session, commit: CommitInfo): files.FileMetadata {
  const content = contentOf(session)
  if (content === undefined) throw new Refused(tagged('concurrent_session_missing_data'))
  if (call.contention) throw new Refused(tagged('too_many_write_operations'))
  try {
    const metadata = commitFile(call, commit, content)
    session.committed = true
    session.pieces.clear()
    return metadata
  } catch (error) {
    throw error instanceof PathProblem ? new Refused(tagged('path', error.error)) : error
  }
}

export function finishSession(call: Call, argument: FinishArgument): files.FileMetadata {
  return answering(() => {
    const { cursor, commit, content_hash: hash } = argument
    const session = lookingUp(() => findSession(call, cursor))
    if (session.committed) throw new Refused(tagged('lookup_failed', tagged('not_found')))
    checkContent(call, hash)
    if (session.kind === 'concurrent') {
      if (call.content.length > 0) throw new Refused(tagged('concurrent_session_data_not_allowed'))
      if (!session.closed) throw new Refused(tagged('concurrent_session_not_closed'))
    } else if (call.content.length > 0) {
      lookingUp(() => append(session, call.content, cursor.offset, false))
    } else {
      checkOffset(session, cursor)
    }
    return commitSession(call, session, commit)
  })
}

function checkOffset(session: Session, { offset }: UploadCursor): void {
  if (session.kind === 'concurrent' || offset === session.size) return
  const error = tagged('incorrect_offset', { correct_offset: session.size })
  throw new Refused(tagged('lookup_failed', error))
}

function finishOne(call: Call, entry: FinishArgument): files.UploadSessionFinishBatchResultEntry {
  try {
    const session = lookingUp(() => findSession(call, entry.cursor))
    if (session.committed) throw new Refused(tagged('lookup_failed', tagged('not_found')))
    if (!session.closed) throw new Refused(tagged('lookup_failed', tagged('not_closed')))
    checkOffset(session, entry.cursor)
    return { '.tag': 'success', ...commitSession(call, session, entry.commit) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // A refusal is built from the tags of this very union.
    return { '.tag': 'failure', failure: error.error } as files.UploadSessionFinishBatchResultEntry
  }
}

export const finishBatch = (
  call: Call,
  { entries }: ArgumentOf<'finishBatch'>,
): files.UploadSessionFinishBatchResult => ({ entries: entries.map((entry) => finishOne(call, entry)) })

/** The older form: a job, which is asked after. */
export function launchBatch(call: Call, argument: ArgumentOf<'finishBatch'>): files.UploadSessionFinishBatchLaunch {
  const { jobs, limits } = call.state
  const id = `dbjid:${randomBytes(24).toString('base64url')}`
  jobs.set(id, { polls: limits.jobPolls, result: finishBatch(call, argument) })
  return { '.tag': 'async_job_id', async_job_id: id }
}

export function checkBatch(call: Call, argument: ArgumentOf<'poll'>): files.UploadSessionFinishBatchJobStatus {
  const job = call.state.jobs.get(argument.async_job_id)
  if (!job) throw endpointError(tagged('invalid_async_job_id'))
  if (job.polls === 0) return { '.tag': 'complete', ...job.result }
  job.polls -= 1
  return { '.tag': 'in_progress' }
}
