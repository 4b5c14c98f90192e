import { z } from 'zod'
import { parsedOption } from './fragment.ts'

export interface Bounds {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

function inBounds(value: number | undefined, { minimum, maximum }: Bounds): number | undefined {
  if (value === undefined || value < (minimum ?? value) || value > (maximum ?? value)) return undefined
  return value
}

function boundsText({ minimum, maximum }: Bounds): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}

const textError = ({ input }: { readonly input?: unknown }): string =>
  input === undefined ? 'is required' : 'must be text'

/** Any text; leave it out for the empty one. */
export const text = () => z.string({ error: textError }).default('')

/** Text that has to be there. */
export const requiredText = () => z.string({ error: textError }).min(1, 'is required')

/** Text that never appears in a response or a log. */
export const secretText = () => text().meta({ secret: true })

export const requiredSecretText = () => requiredText().meta({ secret: true })

/**
 * Names a file with credentials on the machine that connects. A server lets callers name only files in one folder, so the
 * driver gets the path that `openDriver` made of it.
 */
export const credentialsFile = () => text().meta({ credentialsFile: true })

/** What the user calls the connection; every provider has it. */
export const description = () => text().describe('A note of your own on this connection.')

/** One of some words. */
export const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: ({ input }) => (input === undefined ? 'is required' : `must be one of: ${list(values)}`) })

const list = (values: readonly string[]): string => values.map((value) => value || '(empty)').join(', ')

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
])

/** `true` or `false`, also as text. */
export const flag = () =>
  parsedOption('boolean', 'must be true or false', (value) =>
    booleans.get(typeof value === 'string' ? value.trim().toLowerCase() : value),
  )

/** `true`, `false`, or nothing said, which leaves the choice to the driver. */
export const optionalFlag = () =>
  parsedOption(
    'string',
    'must be true, false or unset',
    (value): { readonly value: boolean | undefined } | undefined => {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value
      if (word === '' || word === 'unset' || word === 'none') return { value: undefined }
      const said = booleans.get(word)
      return said === undefined ? undefined : { value: said }
    },
  )
    .transform(({ value }) => value)
    .prefault('unset')

function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

/** A whole number, also as digits in a text. */
export const integer = (bounds: Bounds = {}) =>
  parsedOption('integer', `must be a whole number${boundsText(bounds)}`, (value) => inBounds(toInteger(value), bounds))

/** A setting of the pacer: 0, or nothing said, means what the provider is known to allow. */
export const pacerInteger = (providersOwn: number) =>
  integer({ minimum: 0 })
    .transform((value) => value || providersOwn)
    .prefault(0)
