import type { IncomingMessage } from 'node:http'
import { isJson, type Json } from './answer.ts'
import { GraphError, invalid } from './graph-error.ts'
import { type Check, object, type Shape } from './shape.ts'

const mostJson = 4 * 1_048_576

/** @returns everything that was sent; a request that is cut off throws */
export async function readBytes(incoming: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    if (size <= most) chunks.push(chunk)
  }
  if (size > most) throw new GraphError('requestTooLarge', { inner: 'maxStreamSizeExceeded' })
  return Buffer.concat(chunks)
}

/** @param type name of the type in Graph's metadata */
export async function readJson(incoming: IncomingMessage, type: string, shape: Shape | Check): Promise<Json> {
  const bytes = await readBytes(incoming, mostJson)
  if (bytes.length === 0) return {}
  const media = incoming.headers['content-type'] ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(media))
    throw new GraphError('UnsupportedMediaType', { message: `The content type '${media}' is not supported.` })
  const value = parse(bytes.toString())
  if (!isJson(value)) throw new GraphError('BadRequest', { message: 'Unable to read JSON request payload.' })
  const check = typeof shape === 'function' ? shape : object(type, shape)
  check(value, type)
  return value
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new GraphError('BadRequest', {
        message:
          'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
      })
    throw error
  }
}

/** For actions that take none. */
export async function readNothing(incoming: IncomingMessage): Promise<void> {
  const bytes = await readBytes(incoming, mostJson)
  if (bytes.length > 0 && !['', '{}'].includes(bytes.toString().trim())) throw invalid('This request takes no body.')
}
