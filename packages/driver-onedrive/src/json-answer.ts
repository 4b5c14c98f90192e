import { collectBytes, type Operation, StorageError, streamBytes } from '@filegate/core'

/** What answers, but not as the service does: a page for people, say, of some server on the way. */
export const strangeAnswer = 'OneDrive did not answer as it should. Check region.'

interface JsonOptions extends Operation {
  /** Bytes that the answer may have. */
  readonly longest: number
}

/**
 * What an answer holds; `undefined` for nothing.
 * @throws StorageError `Unexpected` for what is no JSON, of which the message repeats nothing
 */
export async function jsonIn(response: Response, { longest, signal }: JsonOptions): Promise<unknown> {
  const bytes = await collectBytes(response.body ?? streamBytes(new Uint8Array()), signal, longest)
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new StorageError('Unexpected', strangeAnswer)
  }
}
