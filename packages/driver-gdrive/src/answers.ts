import { collectBytes } from '@filegate/core'
import { z } from 'zod'

/** Bytes that an answer of the API may have; a page of a listing has about one million. */
const longest = 67_108_864

/** The limits of use after which the options may want to stop. */
export interface Stops {
  readonly upload: boolean
  readonly download: boolean
}

/** What an answer that is no success told. */
export interface Refusal {
  readonly status: number
  readonly headers: Headers
  /** The vendor's word for what is wrong; empty where there was none. */
  readonly reason: string
  /** The vendor's sentence. It may hold anything, so it is for recognising and not for showing. */
  readonly said: string
  /** Whether the answer was one of the API at all. */
  readonly isApi: boolean
  /** Whether the options say to give up after it. */
  readonly isFinal: boolean
}

const told = z.object({
  error: z.object({
    message: z.string().default(''),
    status: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().default('') })).default([]),
    details: z.array(z.looseObject({ reason: z.string().optional() })).default([]),
  }),
})

/** An answer that is no success, as an error. */
export async function refusalOf(answer: Response, stops: Stops): Promise<Error & Refusal> {
  const text = await textOf(answer)
  const found = told.safeParse(parsed(text))
  const { errors = [], details = [], message = '' } = found.data?.error ?? {}
  const detail = details.find(({ reason }) => reason === 'ACCESS_TOKEN_SCOPE_INSUFFICIENT')
  const reason = detail?.reason ?? errors[0]?.reason ?? ''
  const refusal: Refusal = {
    status: answer.status,
    headers: answer.headers,
    reason,
    said: message || text.slice(0, 1000),
    isApi: found.success,
    isFinal: isFinal(reason, message, stops),
  }
  return Object.assign(new Error(`The vendor answered ${answer.status}.`), refusal)
}

const uploadLimits: ReadonlySet<string> = new Set([
  'quotaExceeded',
  'storageQuotaExceeded',
  'teamDriveFileLimitExceeded',
])

/** What may be uploaded in a day being used up has a sentence of its own, and the reason of any other haste. */
const isDailyUpload = (reason: string, said: string): boolean =>
  reason === 'userRateLimitExceeded' && /^user rate limit exceeded\.?$/i.test(said.trim())

function isFinal(reason: string, said: string, { upload, download }: Stops): boolean {
  if (download && reason === 'downloadQuotaExceeded') return true
  return upload && (uploadLimits.has(reason) || isDailyUpload(reason, said))
}

/** For what is a success and yet no answer of the API. */
export class StrangeAnswer extends Error {
  override readonly name = 'StrangeAnswer'
}

/** JSON of a success. @throws StrangeAnswer */
export async function jsonOf(answer: Response): Promise<unknown> {
  const value = parsed(await textOf(answer))
  if (value === undefined) throw new StrangeAnswer('The answer is no JSON.')
  return value
}

async function textOf(answer: Response): Promise<string> {
  if (!answer.body) return ''
  return new TextDecoder().decode(await collectBytes(answer.body, undefined, longest))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
