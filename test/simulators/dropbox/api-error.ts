/** A tag with what it carries, as Stone writes unions in JSON. */
export interface Tagged {
  readonly '.tag': string
  readonly [member: string]: unknown
}

/** What a tag carries that is a union itself lies under its name; members of a struct lie beside the tag. */
export function tagged(tag: string, carried?: Tagged | Readonly<Record<string, unknown>>): Tagged {
  if (carried === undefined) return { '.tag': tag }
  return Object.hasOwn(carried, '.tag') ? { '.tag': tag, [tag]: carried } : { ...carried, '.tag': tag }
}

const isTagged = (value: unknown): value is Tagged =>
  typeof value === 'object' && value !== null && '.tag' in value && typeof value['.tag'] === 'string'

/** What these carry is a struct that has kinds: its tag is none of the error's. */
const carryingStructs = new Set(['metadata', 'invalid_root'])
let summaries = 0

/** `path/not_found/..`: clients are to compare the beginning only, so the service varies the end. */
export function summaryOf(error: Tagged): string {
  const tags: string[] = []
  for (let at: Tagged | undefined = error; at; ) {
    tags.push(at['.tag'])
    const carried: unknown = carryingStructs.has(at['.tag']) ? undefined : (at[at['.tag']] ?? at.reason)
    at = isTagged(carried) ? carried : undefined
  }
  summaries += 1
  return `${tags.join('/')}/${'.'.repeat(summaries % 4)}`
}

export interface ErrorAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Text is shown as it is, everything else as JSON. */
  readonly body: unknown
}

/** Whatever the service refuses, as it comes over the wire. */
export class ApiError extends Error {
  readonly answer: ErrorAnswer

  constructor(answer: ErrorAnswer) {
    super(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
    this.answer = answer
  }
}

const enveloped = (status: number, error: Tagged): ApiError =>
  new ApiError({ status, body: { error_summary: summaryOf(error), error } })

/** A mistake in the request, said as text. `{route}` stands for its name. */
export const badInput = (message: string): ApiError =>
  new ApiError({ status: 400, body: `Error in call to API function "{route}": ${message}` })

export const unauthorized = (error: Tagged): ApiError => enveloped(401, error)
export const forbidden = (error: Tagged): ApiError => enveloped(403, error)
export const endpointError = (error: Tagged): ApiError => enveloped(409, error)
export const pathRootError = (error: Tagged): ApiError => enveloped(422, error)

export type RateLimitReason = 'too_many_requests' | 'too_many_write_operations'

export function rateLimited(reason: RateLimitReason, retryAfter: number): ApiError {
  const error = { reason: tagged(reason), retry_after: retryAfter }
  const headers = { 'retry-after': String(retryAfter) }
  return new ApiError({ status: 429, headers, body: { error_summary: `${reason}/...`, error } })
}

/** What is wrong with a path, before it is known which argument it came in. */
export class PathProblem extends Error {
  readonly what: 'lookup' | 'write'
  readonly error: Tagged

  constructor(what: 'lookup' | 'write', error: Tagged) {
    super(summaryOf(error))
    this.what = what
    this.error = error
  }
}

export const lookupProblem = (tag: string): PathProblem => new PathProblem('lookup', tagged(tag))
export const writeProblem = (tag: string, carried?: Tagged): PathProblem =>
  new PathProblem('write', tagged(tag, carried))

export interface ProblemNames {
  readonly lookup: string
  readonly write: string
}

/** What is wrong with a path, under the name that the route has for it. */
export const said = (names: ProblemNames, problem: PathProblem): ApiError =>
  endpointError(tagged(names[problem.what], problem.error))

/** Says so whatever `work` finds wrong with a path. */
export function saying<Value>(names: ProblemNames, work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error
    throw said(names, error)
  }
}

export const asPath: ProblemNames = { lookup: 'path', write: 'path' }
