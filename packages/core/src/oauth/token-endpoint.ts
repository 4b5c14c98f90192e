import { collectBytes, streamBytes } from '../byte-stream.ts'
import { z } from 'zod'
import { accessText } from './token-blob.ts'

/** Milliseconds for one answer. */
const patience = 30_000
/** Bytes that an answer may have. */
const longest = 1_048_576

/** Seconds that a token is taken to last where nothing is said. */
const usualLifetime = 3600
/** The year 10000: later ends have no usual spelling, and are as good as none. */
const latest = 253_402_300_800_000

const granted = z.object({
  access_token: accessText.min(1),
  // Vendors write 0, null or words where a token does not end.
  expires_in: z.coerce.number().positive().optional().catch(undefined),
  // Some vendors name the member and give nothing.
  refresh_token: z.string().nullish(),
})

export interface Granted {
  readonly access: string
  /** Unix milliseconds. */
  readonly expires: number
  /** Whether the vendor said so. */
  readonly isExpiryTold: boolean
  /** Never empty. */
  readonly refresh?: string | undefined
}

/** What is told of a request that was refused: RFC 6749, section 5.2. */
export interface TokenRefusal {
  readonly tokenError: string
  /** Not `status`, by which answers about objects are known. */
  readonly tokenStatus: number
  readonly headers: Headers
}

/**
 * Asks for a token: RFC 6749, sections 4.4, 5 and 6, RFC 7523, section 2.1. Redirects are not followed, as the request
 * holds secrets.
 * @throws TokenRefusal
 */
export async function askForToken(
  fetch: typeof globalThis.fetch,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Granted> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
  })
  const bytes = await collectBytes(response.body ?? streamBytes(new Uint8Array()), undefined, longest)
  const answer = parseJson(new TextDecoder().decode(bytes))
  const token = granted.safeParse(answer)
  if (response.ok && token.success) {
    const { access_token: access, expires_in: seconds, refresh_token: refresh } = token.data
    const end = Date.now() + (seconds ?? usualLifetime) * 1000
    const expires = end < latest ? end : Number.POSITIVE_INFINITY
    return { access, expires, isExpiryTold: seconds !== undefined, refresh: refresh || undefined }
  }
  const refusal: TokenRefusal = { tokenError: errorOf(answer), tokenStatus: response.status, headers: response.headers }
  throw Object.assign(new Error(`The token endpoint answered ${response.status}.`), refusal)
}

const refused = z.object({ error: z.string() })

function errorOf(answer: unknown): string {
  const told = refused.safeParse(answer)
  return told.success ? told.data.error : ''
}

/** `undefined` for what is no JSON, which is as good as any other wrong answer. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
