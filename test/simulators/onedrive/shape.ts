import { isJson, type Json } from './answer.ts'
import { invalid } from './graph-error.ts'

/** Says what is wrong with a value, by throwing. */
export type Check = (value: unknown, where: string) => void
export type Shape = Readonly<Record<string, Check>>

const wrong = (where: string, wanted: string) =>
  invalid(`Invalid value for property '${where}': ${wanted} was expected.`, 'invalidParameterFormat')

export const text: Check = (value, where) => {
  if (typeof value !== 'string') throw wrong(where, 'a string')
}
export const flag: Check = (value, where) => {
  if (typeof value !== 'boolean') throw wrong(where, 'a Boolean')
}
export const whole: Check = (value, where) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(where, 'an Int64')
}
/** Edm.DateTimeOffset: the offset is part of it. */
export const time: Check = (value, where) => {
  if (
    typeof value !== 'string' ||
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)$/.test(value)
  )
    throw wrong(where, 'a DateTimeOffset')
  if (Number.isNaN(Date.parse(value))) throw wrong(where, 'a DateTimeOffset')
}
export const oneOf =
  (...values: readonly string[]): Check =>
  (value, where) => {
    if (typeof value !== 'string' || !values.includes(value)) throw wrong(where, values.join(' or '))
  }
export const listOf =
  (check: Check): Check =>
  (value, where) => {
    if (!Array.isArray(value)) throw wrong(where, 'a collection')
    for (const each of value) check(each, where)
  }
/** Names that begin with `@odata.` may always be there. */
export const object =
  (type: string, shape: Shape): Check =>
  (value, where) => {
    if (!isJson(value)) throw wrong(where, `an object of type ${type}`)
    for (const [name, member] of Object.entries(value)) {
      if (name.startsWith('@odata.')) continue
      if (!Object.hasOwn(shape, name))
        throw invalid(
          `The property '${name}' does not exist on type '${type}'. Make sure to only use property names that are defined by the type.`,
        )
      if (member !== null) shape[name]?.(member, name)
    }
  }

export const conflictBehavior = oneOf('fail', 'replace', 'rename')

export const textOf = (body: Json, name: string): string | undefined => {
  const value = body[name]
  return typeof value === 'string' ? value : undefined
}

export const memberOf = (body: Json, name: string): Json | undefined => {
  const value = body[name]
  return isJson(value) ? value : undefined
}

/** Milliseconds since 1970. */
export const timeOf = (body: Json | undefined, name: string): number | undefined => {
  const value = body && textOf(body, name)
  return value === undefined ? undefined : Date.parse(value)
}

export const fileSystemInfo = object('microsoft.graph.fileSystemInfo', {
  createdDateTime: time,
  lastModifiedDateTime: time,
  lastAccessedDateTime: time,
})

export const itemReference = object('microsoft.graph.itemReference', {
  driveId: text,
  driveType: text,
  id: text,
  name: text,
  path: text,
  shareId: text,
  siteId: text,
  sharepointIds: object('microsoft.graph.sharepointIds', {}),
})
