import { z } from 'zod'

const parsedObject = z.record(z.string(), z.unknown())

/**
 * A JSON object, written as text or as it is; `undefined` when the text is empty. What is in it has to match `content`.
 * It is taken for a secret, since such blobs hold tokens and keys.
 */
export function jsonText<Content>(content: z.ZodType<Content, Readonly<Record<string, unknown>>>) {
  return z
    .union([z.string(), parsedObject], { error: ({ input }) => (input === undefined ? 'is required' : rule) })
    .transform((value, context) => {
      if (typeof value !== 'string') return value
      if (value.trim() === '') return undefined
      const parsed = parsedObject.safeParse(parseJson(value))
      if (parsed.success) return parsed.data
      context.addIssue({ code: 'custom', message: rule })
      return z.NEVER
    })
    .pipe(content.optional())
    .prefault('')
    .meta({ shown: 'string', secret: true })
}

const rule = 'must be a JSON object'

/** `undefined` for what is no JSON; the error of the parser would quote the secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
