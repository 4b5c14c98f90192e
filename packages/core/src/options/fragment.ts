import { z } from 'zod'

/** How an option is described to users, whatever else it accepts besides. */
export type ShownType = 'string' | 'boolean' | 'integer'

type Scalar = string | number | boolean

const scalar = z.union([z.string(), z.number(), z.boolean()])

/**
 * An option that is written as text, a number or a boolean and means what `parse` makes of it.
 * @param rule completes 'this option ...' and is the whole error message, so that no value, which may be a secret, is
 * repeated in it
 * @param parse gives `undefined` for what breaks the rule
 */
export function parsedOption<Output>(
  shown: ShownType,
  rule: string,
  parse: (value: Scalar) => Output | undefined,
): z.ZodPipe<typeof scalar, z.ZodTransform<Output, Scalar>> {
  return z
    .union(scalar.options, { error: ({ input }) => (input === undefined ? 'is required' : rule) })
    .transform((value, context): Output => {
      const output = parse(value)
      if (output !== undefined) return output
      context.addIssue({ code: 'custom', message: rule })
      return z.NEVER
    })
    .meta({ shown })
}
