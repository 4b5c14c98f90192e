import { ApiError } from './api-error.ts'
import { isObject } from './json.ts'

/** What a `fields` parameter selects: names with what is selected below them; an empty one means everything below. */
type Selection = ReadonlyMap<string, Selection>

/** A tree that grows while the parameter is read. */
type Growing = Map<string, Growing>

const refuse = (fields: string): ApiError =>
  new ApiError(400, 'invalidParameter', `Invalid field selection ${fields}`, {
    locationType: 'parameter',
    location: 'fields',
  })

/**
 * `a,b(c,d/e),f/*` (cloud.google.com/storage/docs/json_api#partial-response): commas between selections, slashes for
 * what is inside of an object, parentheses for several of them, a star for all.
 */
export function parseFields(fields: string): Selection {
  const tokens = fields.match(/[(),/]|[^(),/]+/g) ?? []
  let place = 0

  function list(into: Growing): void {
    do one(into)
    while (tokens[place] === ',' && (place += 1))
  }
  function one(into: Growing): void {
    const name = tokens[place]
    if (name === undefined || !/^(?:\*|[A-Za-z][\w-]*)$/.test(name)) throw refuse(fields)
    place += 1
    const below = into.get(name) ?? new Map()
    into.set(name, below)
    if (tokens[place] === '/') {
      place += 1
      one(below)
    } else if (tokens[place] === '(') {
      place += 1
      list(below)
      if (tokens[place] !== ')') throw refuse(fields)
      place += 1
    }
  }

  const root: Growing = new Map()
  list(root)
  if (place !== tokens.length) throw refuse(fields)
  return root
}

/** Only what is selected, in the order of the answer; of a list, of each of its items. */
export function selectFields(value: unknown, selection: Selection): unknown {
  if (selection.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => selectFields(item, selection))
  if (!isObject(value)) return value
  const selected = Object.entries(value).flatMap(([name, member]) => {
    const below = selection.get(name) ?? selection.get('*')
    return below ? [[name, selectFields(member, below)] as const] : []
  })
  return Object.fromEntries(selected)
}
