import type { ShareFileClient } from '@azure/storage-file-share'
import { type Connection, until } from './connection.ts'
import { codeOf, isMissing } from './errors.ts'

/** Milliseconds for removing what is left of an upload. Whatever else stays is shown to nobody. */
const cleaning = 10_000

/** Removes an unfinished file. The signal of the call that made it is no use here: it may be what ended it. */
export async function cleanUp({ log }: Connection, file: ShareFileClient): Promise<void> {
  try {
    await file.delete(until(AbortSignal.timeout(cleaning)))
  } catch (error) {
    if (!isMissing(error)) log.warn('An unfinished upload could not be removed.', { error: codeOf(error) })
  }
}
