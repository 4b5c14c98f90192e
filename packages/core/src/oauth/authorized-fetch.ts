import type { TokenSource } from './token-source.ts'

type Fetch = typeof globalThis.fetch

/**
 * Sends requests with the token, and once more with a new one where it was refused; where that one is somebody else's and no
 * better, once more with one of our own. The body must then be the one of the first, so a request with a stream is not sent again.
 */
export function authorizedFetch(login: TokenSource, fetch: Fetch): Fetch {
  return async (input, init = {}) => {
    const signal = init.signal ?? undefined
    const isBodyGone = input instanceof Request || init.body instanceof ReadableStream
    let token = await login.token(signal)
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(input, withToken(init, token))
      if (answer.status !== 401 || token === undefined) return answer
      if (attempt > 2 || (attempt === 2 && login.mayBeOld?.(token) !== true)) return answer
      // A token that was refused is not brought again, whether or not this request can be.
      if (!login.refuse(token) || isBodyGone) return answer
      await answer.body?.cancel()
      token = await login.token(signal)
    }
  }
}

function withToken(init: RequestInit, token: string | undefined): RequestInit {
  if (token === undefined) return init
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  return { ...init, headers }
}
