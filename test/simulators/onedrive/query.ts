import { GraphError, invalid } from './graph-error.ts'

const system = ['select', 'expand', 'top', 'skiptoken', 'orderby', 'filter', 'count', 'search', 'skip']

/** System query options, with the dollar that Graph lets one leave away. */
export function readQuery(parameters: URLSearchParams): Map<string, string> {
  const query = new Map<string, string>()
  for (const [given, value] of parameters) {
    const name = system.includes(given.toLowerCase()) ? `$${given.toLowerCase()}` : given
    if (query.has(name))
      throw new GraphError('BadRequest', { message: `Query option '${name}' was specified more than once.` })
    query.set(name, value)
  }
  return query
}

/** @throws when there is one that the operation does not take; names that begin with `@` stand for values in the path */
export function checkQuery(query: ReadonlyMap<string, string>, allowed: readonly string[]): void {
  for (const name of query.keys()) {
    if (!allowed.includes(name) && !/^@\w/.test(name)) {
      const message = name.startsWith('$')
        ? `The query specified in the URI is not valid. Query option '${name}' is not allowed.`
        : `The query parameter '${name}' is not supported.`
      throw invalid(message, 'invalidQueryOption')
    }
  }
}

const mostInPage = 5000

export function pageSizeOf(query: ReadonlyMap<string, string>, usual: number): number {
  const top = query.get('$top')
  if (top === undefined) return usual
  if (!/^\d+$/.test(top)) throw invalid(`Invalid value '${top}' for $top query option found.`, 'invalidQueryOption')
  if (Number(top) === 0) throw invalid('Zero results were requested.', 'zeroOrFewerResultsRequested')
  return Math.min(Number(top), mostInPage)
}

export const makeToken = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** @returns the members of what `makeToken` was given, undefined when it is none of ours */
export function readPagingToken(token: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
