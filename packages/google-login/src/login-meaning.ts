import type { Classification } from '@filegate/core'
import { member, retryAfterOf, statusOf, textIn } from './error-members.ts'

/** What the refusals of a token endpoint mean, by their words: RFC 6749, section 5.2. */
export type Refusals = Readonly<Record<string, Classification>>

const unknownClient: Classification = {
  code: 'Unauthenticated',
  message: 'The token endpoint does not know this OAuth client. Check client_id and client_secret.',
}
const notTokens: Classification = {
  code: 'InvalidArgument',
  message:
    'The token endpoint does not answer as one. Check token_url, or token_uri in the key of the service account.',
}
const noCredentials: Classification = {
  code: 'Unauthenticated',
  message: 'env_auth: the machine has no credentials for Google.',
}

/**
 * What an error means if it is one of logging in. An OAuth client that is not known means the same everywhere; the other
 * refusals are those of the driver.
 */
export function loginMeaning(error: unknown, refusals: Refusals): Classification | undefined {
  const status = member(error, 'tokenStatus')
  if (typeof status === 'number') return tokenMeaning(error, status, { invalid_client: unknownClient, ...refusals })
  const isAnswer = statusOf(error) !== undefined
  return !isAnswer && /default credentials/i.test(textIn(error, 'message')) ? noCredentials : undefined
}

function tokenMeaning(error: unknown, status: number, refusals: Refusals): Classification {
  const word = textIn(error, 'tokenError')
  if (Object.hasOwn(refusals, word)) return refusals[word] ?? notTokens
  if (status !== 429 && status < 500) return notTokens
  return { code: status === 429 ? 'Throttled' : 'Unavailable', retryAfter: retryAfterOf(error) }
}
