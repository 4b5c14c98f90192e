import { z } from 'zod'
import { member } from '../member.ts'
import type { ShownType } from './fragment.ts'

/** One option as a table in a README, a form or a command line shows it. */
export interface OptionRow {
  readonly name: string
  readonly type: ShownType
  readonly required: boolean
  readonly default?: unknown
  readonly description: string
  readonly secret: boolean
  readonly deprecated: boolean
  /** It names a file on the machine that connects. */
  readonly credentialsFile: boolean
  /** It logs in with what the machine that connects has: its environment, its files, its identity in a cloud. */
  readonly machineCredentials: boolean
  /** The only values there are, if so. */
  readonly choices?: readonly unknown[] | undefined
}

export interface OptionsDescription {
  /** Of what a user writes, draft 2020-12, which is what OpenAPI 3.1 takes. */
  readonly jsonSchema: z.core.JSONSchema.JSONSchema
  readonly rows: readonly OptionRow[]
}

const described = new WeakMap<z.ZodObject, OptionsDescription>()

export function describeOptions(schema: z.ZodObject): OptionsDescription {
  const known = described.get(schema)
  if (known) return known
  const jsonSchema = z.toJSONSchema(schema, {
    io: 'input',
    override({ jsonSchema }) {
      const { shown } = jsonSchema
      if (!isShownType(shown)) return
      // Being lenient about how a value is written is no part of the description.
      delete jsonSchema.shown
      delete jsonSchema.anyOf
      jsonSchema.type = shown
    },
  })
  const required = new Set(jsonSchema.required)
  const rows = Object.entries(jsonSchema.properties ?? {}).map(([name, property]) =>
    rowOf(name, typeof property === 'object' ? property : {}, required.has(name)),
  )
  const description = { jsonSchema, rows }
  described.set(schema, description)
  return description
}

const isShownType = (value: unknown): value is ShownType =>
  value === 'string' || value === 'boolean' || value === 'integer'

function rowOf(name: string, property: z.core.JSONSchema.BaseSchema, required: boolean): OptionRow {
  return {
    name,
    type: isShownType(property.type) ? property.type : 'string',
    required,
    ...('default' in property && { default: property.default }),
    description: property.description ?? '',
    secret: property.secret === true,
    deprecated: property.deprecated === true,
    credentialsFile: property.credentialsFile === true,
    machineCredentials: property.machineCredentials === true,
    ...(property.enum && { choices: property.enum }),
  }
}

/** The names of the options that name a file, as far as somebody uses them. */
export function fileOptions(schema: z.ZodObject, given: object): readonly string[] {
  return describeOptions(schema)
    .rows.filter(({ name, credentialsFile }) => credentialsFile && Object.hasOwn(given, name))
    .map(({ name }) => name)
}

/** The names of the options that log in with what the machine has, as far as somebody uses them. */
export function machineOptions(schema: z.ZodObject, parsed: object): readonly string[] {
  return describeOptions(schema)
    .rows.filter(({ name, machineCredentials }) => machineCredentials && Boolean(member(parsed, name)))
    .map(({ name }) => name)
}

/** The names of the deprecated options that somebody uses. */
export function deprecatedOptions(schema: z.ZodObject, given: object): readonly string[] {
  return describeOptions(schema)
    .rows.filter(({ name, deprecated }) => deprecated && Object.hasOwn(given, name))
    .map(({ name }) => name)
}
