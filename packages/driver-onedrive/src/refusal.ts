import { collectBytes, streamBytes } from '@filegate/core'
import { z } from 'zod'

/** What is told of a request that was refused: https://learn.microsoft.com/graph/errors. */
export interface Refusal {
  readonly status: number
  readonly headers: Headers
  /** From the general to the particular, in lower case. */
  readonly vendorCodes: readonly string[]
  readonly vendorMessage: string
  /** Who refused: the API, or a host with bytes, whose addresses are as good as passwords and last an hour. */
  readonly from: 'api' | 'bytes'
}

/** Bytes of a refusal that are of interest. */
const longest = 262_144

/** An answer that is no success as an error. It lets go of the answer. */
export async function refusalOf(response: Response, from: Refusal['from'] = 'api'): Promise<Error & Refusal> {
  const { status, headers } = response
  const { codes, message } = toldIn(await textOf(response))
  const facts: Refusal = { status, headers, vendorCodes: codes, vendorMessage: message, from }
  return Object.assign(new Error(`OneDrive answered ${status}${codes[0] ? ` ${codes[0]}` : ''}.`), facts)
}

async function textOf(response: Response): Promise<string> {
  try {
    return new TextDecoder().decode(
      await collectBytes(response.body ?? streamBytes(new Uint8Array()), undefined, longest),
    )
  } catch {
    // The status says enough where the rest does not arrive.
    return ''
  }
}

const innermost = z.looseObject({ code: z.string().optional() })
const told = z.looseObject({
  error: z.looseObject({
    code: z.string().catch(''),
    message: z.string().catch(''),
    innerError: innermost.optional().catch(undefined),
    innererror: innermost.optional().catch(undefined),
  }),
})

function toldIn(text: string): { readonly codes: readonly string[]; readonly message: string } {
  const parsed = told.safeParse(parsedJson(text))
  if (!parsed.success) return { codes: [], message: '' }
  const { code, message, innerError, innererror } = parsed.data.error
  const codes = [code, innerError?.code, innererror?.code]
  return { codes: codes.flatMap((one) => (one ? [one.toLowerCase()] : [])), message }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A page of some server on the way; its status has to do.
    return undefined
  }
}
