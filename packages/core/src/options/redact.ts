import type { z } from 'zod'
import { describeOptions } from './describe-options.ts'

export const redactedText = '[redacted]'

/**
 * Options that may be shown: secrets are replaced, unless they are empty, and what the schema does not know is left out,
 * because it may be a secret under a wrong name.
 */
export function redact(schema: z.ZodObject, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = describeOptions(schema).rows.filter(({ name }) => Object.hasOwn(value, name))
  return Object.fromEntries(
    shown.map(({ name, secret }) => [name, secret && !isEmpty(value[name]) ? redactedText : value[name]]),
  )
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''
