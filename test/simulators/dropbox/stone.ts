/**
 * Arguments as Stone describes them (github.com/dropbox/stone, "Validation"). What does not fit is refused in the words of
 * its validators, which the service shows to callers.
 */
export type Type<Value> = (value: unknown) => Value

export type ValueOf<Checked> = Checked extends (...values: never[]) => infer Value ? Value : never

export class Invalid extends Error {
  readonly place: readonly string[]

  constructor(reason: string, place: readonly string[] = []) {
    super(place.length === 0 ? reason : `${place.join('.')}: ${reason}`)
    this.place = place
    this.reason = reason
  }
  readonly reason: string
}

/** @returns what `check` gives; what it refuses is said to lie in `name` */
function inside<Value>(name: string, check: () => Value): Value {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    throw new Invalid(error.reason, [name, ...error.place])
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float'
  return typeof value
}

/** As Python shows it. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface TextBounds {
  readonly pattern?: string | undefined
  readonly least?: number | undefined
  readonly most?: number | undefined
}

export function text({ pattern, least = 0, most = Number.POSITIVE_INFINITY }: TextBounds = {}): Type<string> {
  const whole = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, 'u')
  return (value) => {
    if (typeof value !== 'string') {
      throw new Invalid(`'${shown(value)}' expected to be a string, got ${kindOf(value)}`)
    }
    if (value.length > most) throw new Invalid(`'${value}' must be at most ${most} characters, got ${value.length}`)
    if (value.length < least) throw new Invalid(`'${value}' must be at least ${least} characters, got ${value.length}`)
    if (whole && !whole.test(value)) throw new Invalid(`'${value}' did not match pattern '${pattern}'`)
    return value
  }
}

export const integer =
  (least: number, most: number): Type<number> =>
  (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      throw new Invalid(`expected integer, got ${kindOf(value)}`)
    }
    if (value < least || value > most) throw new Invalid(`${value} is not within range [${least}, ${most}]`)
    return value
  }

/** JSON's numbers end before those of the contract do. */
export const uint64 = integer(0, Number.MAX_SAFE_INTEGER)

export const truth: Type<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new Invalid(`expected boolean, got ${kindOf(value)}`)
  return value
}

const timestampForm = '%Y-%m-%dT%H:%M:%SZ'

/** @returns milliseconds since 1970 */
export const timestamp: Type<number> = (value) => {
  if (typeof value !== 'string') throw new Invalid(`expected timestamp, got ${kindOf(value)}`)
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? Date.parse(value) : Number.NaN
  // 30 February is a date to Date.parse.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== value.slice(0, 19)) {
    throw new Invalid(`time data '${value}' does not match format '${timestampForm}'`)
  }
  return time
}

export const list =
  <Value>(type: Type<Value>, most = Number.POSITIVE_INFINITY): Type<readonly Value[]> =>
  (value) => {
    if (!Array.isArray(value)) throw new Invalid(`expected list, got ${kindOf(value)}`)
    if (value.length > most) throw new Invalid(`list has more than ${most} items`)
    return value.map((item: unknown, place) => inside(String(place), () => type(item)))
  }

export type Field<Value> = (value: unknown, isThere: boolean, name: string) => Value

export const needed =
  <Value>(type: Type<Value>): Field<Value> =>
  (value, isThere, name) => {
    if (!isThere) throw new Invalid(`missing required field '${name}'`)
    return inside(name, () => type(value))
  }

/** May be left out, or be null. */
export const maybe =
  <Value>(type: Type<Value>): Field<Value | undefined> =>
  (value, isThere, name) =>
    isThere && value !== null ? inside(name, () => type(value)) : undefined

export const otherwise =
  <Value>(type: Type<Value>, usual: Value): Field<Value> =>
  (value, isThere, name) =>
    isThere ? inside(name, () => type(value)) : usual

export type StructOf<Fields> = { readonly [Name in keyof Fields]: ValueOf<Fields[Name]> }

export function struct<Fields extends Readonly<Record<string, Field<unknown>>>>(
  fields: Fields,
): Type<StructOf<Fields>> {
  return (value) => {
    if (!isObject(value)) throw new Invalid(`expected object, got ${kindOf(value)}`)
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name) && name !== '.tag')
    if (unknown !== undefined) throw new Invalid(`unknown field '${unknown}'`)
    const read = Object.entries(fields).map(([name, field]) => [
      name,
      field(value[name], Object.hasOwn(value, name), name),
    ])
    // The one place where names and types that were just checked are said to be what they are.
    return Object.fromEntries(read) as StructOf<Fields>
  }
}

/** A tag that carries nothing. */
export const nothing: Type<undefined> = () => undefined

export type UnionOf<Tags> = {
  readonly [Tag in keyof Tags]: { readonly tag: Tag; readonly value: ValueOf<Tags[Tag]> }
}[keyof Tags]

/** `"add"`, `{".tag": "add"}` or `{".tag": "update", "update": "a1c10ce0dd78"}`. */
export function union<Tags extends Readonly<Record<string, Type<unknown>>>>(tags: Tags): Type<UnionOf<Tags>> {
  return (value) => {
    if (typeof value !== 'string' && !isObject(value)) {
      throw new Invalid(`expected string or object, got ${kindOf(value)}`)
    }
    const tag = typeof value === 'string' ? value : value['.tag']
    if (tag === undefined) throw new Invalid("missing '.tag' key")
    if (typeof tag !== 'string') throw new Invalid(`expected string, got ${kindOf(tag)}`)
    const type = Object.hasOwn(tags, tag) ? tags[tag] : undefined
    if (type === undefined) throw new Invalid(`unknown tag '${tag}'`)
    const unknown = isObject(value) && Object.keys(value).find((name) => name !== '.tag' && name !== tag)
    if (typeof unknown === 'string') throw new Invalid(`unknown field '${unknown}'`)
    if (type !== nothing && typeof value === 'string') throw new Invalid(`expected object for '${tag}', got symbol`)
    if (type === nothing && isObject(value) && ![undefined, null].includes(value[tag] as null)) {
      throw new Invalid(`expected null, got ${kindOf(value[tag])}`, [tag])
    }
    const carried = isObject(value) ? inside(tag, () => type(value[tag])) : undefined
    return { tag, value: carried } as UnionOf<Tags>
  }
}

export const nullArgument: Type<undefined> = (value) => {
  if (value !== null && value !== undefined) throw new Invalid('expected null, got value')
}
