import type { TokenSource } from './token-source.ts'

type Fetch = typeof globalThis.fetch

/**
 * Sends requests with the token, and once more with a new one where it was refused: the body of the second must then be the one
 * of the first, so a request with a stream is not sent again.
 */
export function authorizedFetch(login: TokenSource, fetch: Fetch): Fetch {
  return async (input, init = {}) => {
    const token = await login.token(init.signal ?? undefined)
    const answer = await fetch(input, withToken(init, token))
    // A token that was refused is not brought again, whether or not this request can be.
    if (answer.status !== 401 || token === undefined || !login.refuse(token)) return answer
    if (input instanceof Request || init.body instanceof ReadableStream) return answer
    await answer.body?.cancel()
    return fetch(input, withToken(init, await login.token(init.signal ?? undefined)))
  }
}

function withToken(init: RequestInit, token: string | undefined): RequestInit {
  if (token === undefined) return init
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  return { ...init, headers }
}
