import { invalidValue } from './drive-error.ts'

/** One condition of a search, still as it was written. */
export interface Term {
  readonly kind: 'term'
  readonly field: string
  readonly operator: Operator
  /** `has` compares a pair, everything else one value. */
  readonly value: string | boolean | Pair
}

export interface Pair {
  readonly key: string
  readonly value: string
}

export type Operator = 'contains' | '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'has'

export type Query =
  | Term
  | { readonly kind: 'not'; readonly of: Query }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Query[] }

const operators: readonly string[] = ['contains', '=', '!=', '<', '<=', '>', '>=', 'has']
const isOperator = (word: string): word is Operator => operators.includes(word)

interface Token {
  readonly kind: 'text' | 'word' | 'sign'
  readonly text: string
}

const pattern = /\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z][\w./-]*)|(!=|<=|>=|[=<>(){}]))\s*/sy

/** Text is in single quotes; in it a backslash goes before a quote and before a backslash. */
function tokensOf(q: string): Token[] {
  const tokens: Token[] = []
  pattern.lastIndex = 0
  for (let at = 0; at < q.length; at = pattern.lastIndex) {
    pattern.lastIndex = at
    const [, text, word, sign] = pattern.exec(q) ?? []
    if (text !== undefined) {
      if (text.replaceAll(/\\['\\]/g, '').includes('\\')) throw invalidValue('q')
      tokens.push({ kind: 'text', text: text.replaceAll(/\\(.)/gs, '$1') })
    } else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else throw invalidValue('q')
  }
  return tokens
}

/**
 * Reads a search (developers.google.com/workspace/drive/api/guides/ref-search-terms). The reference leaves open what `a and
 * b or c` means, so that is refused: clients write parentheses.
 */
export function parseQuery(q: string): Query {
  const tokens = tokensOf(q)
  let place = 0
  const peek = (): Token | undefined => tokens[place]
  const isNext = (text: string): boolean => peek()?.kind !== 'text' && peek()?.text.toLowerCase() === text
  const next = (kind: Token['kind'], text?: string): string => {
    const token = peek()
    if (token?.kind !== kind || (text !== undefined && token.text.toLowerCase() !== text)) throw invalidValue('q')
    place += 1
    return token.text
  }

  function chain(): Query {
    const parts = [one()]
    const kind = isNext('and') ? 'and' : 'or'
    while (isNext(kind)) {
      place += 1
      parts.push(one())
    }
    if (isNext('and') || isNext('or')) throw invalidValue('q')
    const [only] = parts
    return parts.length === 1 && only ? only : { kind, of: parts }
  }

  function one(): Query {
    if (isNext('not')) {
      place += 1
      return { kind: 'not', of: one() }
    }
    if (!isNext('(')) return term()
    place += 1
    const inner = chain()
    next('sign', ')')
    return inner
  }

  function term(): Term {
    if (peek()?.kind === 'text') {
      const value = next('text')
      next('word', 'in')
      return { kind: 'term', field: next('word'), operator: 'in', value }
    }
    const field = next('word')
    const operator = peek()?.kind === 'sign' ? next('sign') : next('word')
    if (!isOperator(operator)) throw invalidValue('q')
    return { kind: 'term', field, operator, value: operator === 'has' ? pair() : value() }
  }

  function value(): string | boolean {
    if (peek()?.kind === 'text') return next('text')
    const word = next('word').toLowerCase()
    if (word !== 'true' && word !== 'false') throw invalidValue('q')
    return word === 'true'
  }

  /** `{ key='additionalID' and value='8e8aceg2af2ge72e78' }` */
  function pair(): Pair {
    next('sign', '{')
    next('word', 'key')
    next('sign', '=')
    const key = next('text')
    next('word', 'and')
    next('word', 'value')
    next('sign', '=')
    const text = next('text')
    next('sign', '}')
    return { key, value: text }
  }

  const query = chain()
  if (place !== tokens.length) throw invalidValue('q')
  return query
}

/** All conditions of a search, wherever they stand. */
export function termsOf(query: Query): readonly Term[] {
  if (query.kind === 'term') return [query]
  return query.kind === 'not' ? termsOf(query.of) : query.of.flatMap(termsOf)
}

/** Whether a search finds something for which single conditions hold or not. */
export function holds(query: Query, test: (term: Term) => boolean): boolean {
  if (query.kind === 'term') return test(query)
  if (query.kind === 'not') return !holds(query.of, test)
  const isTrue = (one: Query): boolean => holds(one, test)
  return query.kind === 'and' ? query.of.every(isTrue) : query.of.some(isTrue)
}
