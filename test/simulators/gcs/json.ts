import { ApiError } from './api-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A body that has to be one JSON object; an empty one counts as `{}`, and so does the `null` of Go clients. */
export function parseJsonObject(body: Buffer): JsonObject {
  if (body.length === 0) return {}
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (isObject(parsed) || parsed === null) return parsed ?? {}
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ApiError(400, 'parseError', 'Parse Error')
}

const wrong = (name: string, value: unknown): ApiError =>
  new ApiError(400, 'invalid', `Invalid value for field ${name}: ${JSON.stringify(value)}.`)

/** A member that is text or left out; `null` counts as left out. */
export function textMember(object: JsonObject, name: string): string | undefined {
  const value = object[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw wrong(name, value)
}

export function booleanMember(object: JsonObject, name: string): boolean | undefined {
  const value = object[name] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw wrong(name, value)
}

export function objectMember(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name] ?? undefined
  if (value === undefined || isObject(value)) return value
  throw wrong(name, value)
}

export function arrayMember(object: JsonObject, name: string): readonly unknown[] | undefined {
  const value = object[name] ?? undefined
  if (value === undefined || Array.isArray(value)) return value
  throw wrong(name, value)
}

/** int64 values travel as text (JSON API, "type and format summary"); a number is understood as well. */
export function integerMember(object: JsonObject, name: string): number | undefined {
  const value = object[name] ?? undefined
  if (value === undefined) return undefined
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw wrong(name, value)
}
