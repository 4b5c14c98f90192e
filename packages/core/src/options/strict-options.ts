import { z } from 'zod'
import { StorageError } from '../error.ts'

/** The options of a driver: every name is known, or it is an error. */
export const strictOptions = <const Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape)

/** Everything that is wrong with options, each as `field: what is wrong`. No value is repeated. */
export function problemsOf(error: z.ZodError): readonly string[] {
  return error.issues.flatMap((issue) => {
    const at = (...names: readonly PropertyKey[]): string =>
      [...issue.path, ...names].map(String).join('.') || 'options'
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at(key)}: there is no such option`)
    const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
    return [`${at()}: ${isMissing ? 'is required' : issue.message}`]
  })
}

/**
 * Options as the driver gets them.
 * @throws StorageError `InvalidArgument` that names every problem
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new StorageError('InvalidArgument', `These options are wrong: ${problemsOf(parsed.error).join('; ')}.`)
}
