import { StorageError } from '@filegate/core'

function invalid(name: string, problem: string): never {
  throw new StorageError('InvalidArgument', `Parameter '${name}' ${problem}.`)
}

const on = new Set(['', '1', 'true'])
const off = new Set(['0', 'false'])

/** The parameters of a request. Each reader throws `InvalidArgument` that names the parameter and says what it takes. */
export class Query {
  readonly #parameters: URLSearchParams

  constructor(search: string) {
    this.#parameters = new URLSearchParams(search)
  }

  has(name: string): boolean {
    return this.#parameters.has(name)
  }

  /** As it stands in a URL, with its question mark; empty when there are no parameters. */
  get search(): string {
    return this.#parameters.size === 0 ? '' : `?${this.#parameters.toString()}`
  }

  text(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined
  }

  /** A bare `?name`, `=1` and `=true` are on; `=0`, `=false` and absence are off. */
  flag(name: string): boolean {
    const value = this.#parameters.get(name)
    if (value === null || off.has(value)) return false
    return on.has(value) || invalid(name, `takes true or false, not ${JSON.stringify(value)}`)
  }

  integer(name: string, bounds: { default: number; min: number; max: number }): number {
    const value = this.#parameters.get(name)
    if (value === null) return bounds.default
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
    if (number >= bounds.min && number <= bounds.max) return number
    return invalid(name, `takes a whole number from ${bounds.min} to ${bounds.max}, not ${JSON.stringify(value)}`)
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.#parameters.get(name)
    if (value === null) return undefined
    const found = choices.find((choice) => choice === value)
    return found ?? invalid(name, `takes one of ${choices.join(', ')}, not ${JSON.stringify(value)}`)
  }
}

export const emptyQuery = new Query('')
