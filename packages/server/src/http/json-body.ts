import type { Incoming } from './read-request.ts'
import { inTime } from './in-time.ts'
import { problem } from './problem.ts'

/** Milliseconds that a whole body may take. */
const patience = 60_000

type JsonObject = Readonly<Record<string, unknown>>

/**
 * The JSON object that a request carries. Its declared type must be JSON: a web page of another origin cannot say that without
 * asking first.
 * @param most bytes
 * @throws StorageError with status 415, 413, 408 or 400, which repeats nothing of the body: it may hold secrets
 */
export async function readJsonObject(incoming: Incoming, most: number): Promise<JsonObject> {
  const [type = ''] = (incoming.header('content-type') ?? '').split(';', 1)
  if (type.trim().toLowerCase() !== 'application/json') {
    const message = "The body must be JSON, sent with 'Content-Type: application/json'."
    throw problem('InvalidArgument', { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' }, message)
  }
  const announced = Number(incoming.header('content-length') ?? 0)
  const value = parsed(await inTime(readBytes(incoming.request, announced, most), patience))
  if (isObject(value)) return value
  throw problem('InvalidArgument', { code: 'INVALID_JSON' }, 'The body must be a JSON object.')
}

async function readBytes(request: Request, announced: number, most: number): Promise<Uint8Array> {
  const tooLarge = problem('TooLarge', { code: 'PAYLOAD_TOO_LARGE' }, `The body must not exceed ${most} bytes.`)
  if (announced > most) throw tooLarge
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > most) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The error of the parser quotes the body.
    throw problem('InvalidArgument', { code: 'INVALID_JSON' }, 'The body is no valid JSON.')
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
