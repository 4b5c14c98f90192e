import { collectBytes, StorageError } from '@filegate/core'

/** Bytes of what is refused that are looked at: a proxy may answer with anything. */
const longestRefusal = 65_536

/** Bytes of what the vendor tells: pages of listings have some megabytes. */
const longestAnswer = 64 * 1_048_576

/** What is refused, in the shape of the errors of the vendor's library. */
export async function refusalOf(answer: Response): Promise<Error & { readonly error: unknown }> {
  const error = jsonOr(await beginningOf(answer))
  const { status, headers } = answer
  return Object.assign(new Error(`Dropbox answered ${status}.`), { status, headers, error })
}

async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    // Leaving the loop lets go of the rest.
    if (text.length >= longestRefusal) break
  }
  return text.slice(0, longestRefusal)
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** For the vendor's library, which holds whole what it gets: no more of it than fits in memory. */
export const bounded =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    const answer = await fetch(input, init)
    if (!answer.ok) throw await refusalOf(answer)
    const { status, headers, body } = answer
    if (!body) return answer
    try {
      return new Response(await collectBytes(body, init?.signal ?? undefined, longestAnswer), { status, headers })
    } catch (cause) {
      if (!StorageError.is(cause, 'TooLarge')) throw cause
      throw new StorageError('Unexpected', 'Dropbox answered with more than any answer of it has.', { cause })
    }
  }
