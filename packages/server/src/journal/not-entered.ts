import { StorageError } from '@filegate/core'
import { problem } from '../http/problem.ts'

const code = 'JOURNAL_UNAVAILABLE'

/** The error for a change that was made and could not be entered. */
export function notEntered(cause: unknown): StorageError {
  const message =
    'The change was made, but the journal could not note it. It will be found when the journal can be written again.'
  return problem('Unavailable', { code }, message, { cause })
}

/** Runs what has to be entered before a change is made. @throws StorageError `Unavailable`, with which nothing was changed */
export async function beforehand<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!StorageError.is(cause, 'Unavailable')) throw cause
    const message = 'The journal cannot be written at the moment, so nothing was changed. Try again later.'
    throw problem('Unavailable', { code }, message, { cause })
  }
}
