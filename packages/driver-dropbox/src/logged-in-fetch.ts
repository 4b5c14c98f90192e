import { authorizedFetch, grantLost, type TokenSource } from '@filegate/core/oauth'
import { refusalOf } from './refusal.ts'
import { tagsOf } from './tags.ts'

type Fetch = typeof globalThis.fetch

/** Of all that is refused with 401, what a new token may help with. */
const oldTokens: ReadonlySet<string> = new Set(['invalid_access_token', 'expired_access_token'])

/**
 * Sends with a token, which is renewed where the vendor wants another one. Where that does not help, nobody but the user can,
 * which is told in a way that servers know.
 */
export function loggedInFetch(login: TokenSource, fetch: Fetch): Fetch {
  const send = authorizedFetch(login, refusingOthers(fetch))
  return async (input, init) => {
    // The API leads nowhere else, and what is sent to it is for nobody else.
    const answer = await send(input, { ...init, redirect: 'manual' })
    if (answer.status !== 401) return answer
    const message =
      'token: Dropbox does not accept it any more: it has expired, or access was taken back. Allow it anew.'
    throw grantLost(message, await refusalOf(answer))
  }
}

/** A scope that is missing, say, is no reason to ask for another token. */
const refusingOthers =
  (fetch: Fetch): Fetch =>
  async (input, init) => {
    const answer = await fetch(input, init)
    if (answer.status !== 401) return answer
    const refusal = await refusalOf(answer)
    if (!oldTokens.has(tagsOf(refusal))) throw refusal
    return Response.json(refusal.error, { status: 401 })
  }
