import { z } from 'zod'
import type { Answer } from './client.ts'

/** Bytes that an answer of the API may have; a page of a listing has about one million. */
const longest = 67_108_864

/** The text of an answer. */
export async function textOf({ stream }: Answer): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size > longest) throw new Error(`An answer has more than ${longest} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What an answer that is no success told. */
export interface Refusal {
  readonly status: number
  /** In the place where the vendor's library looks for the status. */
  readonly code: number
  readonly headers: Answer['headers']
  /** The vendor's word for what is wrong; empty where there was none. */
  readonly reason: string
  /** The vendor's sentence. It may hold anything, so it is for recognising and not for showing. */
  readonly said: string
  /** Of which the request spoke. */
  readonly bucket?: string | undefined
  /** Whether the answer was one of the API at all. */
  readonly isApi: boolean
}

const told = z.object({
  error: z.object({
    message: z.string().default(''),
    errors: z.array(z.object({ reason: z.string().default('') })).default([]),
  }),
})

/** An answer that is no success, as an error. */
export async function refusalOf(answer: Answer, url: string): Promise<Error & Refusal> {
  const { status, headers } = answer
  const text = await textOf(answer)
  const found = told.safeParse(parsed(text))
  const bucket = /\/storage\/v1\/b\/([^/?]+)/.exec(url)?.[1]
  const refusal: Refusal = {
    status,
    code: status,
    headers,
    reason: found.data?.error.errors[0]?.reason ?? '',
    said: found.data?.error.message ?? text.slice(0, 1000),
    bucket: bucket === undefined ? undefined : decodeURIComponent(bucket),
    isApi: found.success || headers['x-guploader-uploadid'] !== undefined,
  }
  return Object.assign(new Error(`The vendor answered ${status}.`), refusal)
}

/** For what is a success and yet no answer of the API. */
export class StrangeAnswer extends Error {
  override readonly name = 'StrangeAnswer'
}

/** JSON of a success; `undefined` of nothing. @throws StrangeAnswer */
export async function jsonOf(answer: Answer): Promise<unknown> {
  const text = await textOf(answer)
  if (text === '') return undefined
  const value = parsed(text)
  if (value === undefined) throw new StrangeAnswer('The answer is no JSON.')
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
