import { StorageError } from '@filegate/core'
import type { TokenRefusal } from '@filegate/core/oauth'

/** Of RFC 6749, sections 4.1.2.1 and 5.2, and what vendors add. Anything else may have been made up by somebody. */
const known = /^[\w.:-]{1,64}$/

const isRefusal = (error: unknown): error is Partial<TokenRefusal> =>
  typeof error === 'object' && error !== null && 'tokenError' in error

/** Why a vendor refused, in words that can be shown. */
export function refusalText(refusal: unknown): string {
  if (typeof refusal === 'string') return known.test(refusal) ? refusal : 'nothing that can be shown'
  if (isRefusal(refusal)) {
    const { tokenError = '', tokenStatus = 0 } = refusal
    return known.test(tokenError) ? tokenError : `its token endpoint answered ${tokenStatus}`
  }
  return ruleBroken(refusal)?.message.replace(/\.$/, '') ?? 'its token endpoint did not answer'
}

/** A rule of ours that forbade the request. */
function ruleBroken(error: unknown): StorageError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (StorageError.is(at)) return at
  return undefined
}
