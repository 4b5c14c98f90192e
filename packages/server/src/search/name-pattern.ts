/**
 * Whether a name matches one segment of an ignore rule: `*`, `?`, `[a-z]`, `[!a]`, `[[:alpha:]]` and `\x` as git knows
 * them. The time is at most the product of both lengths, since rules come from whoever can write a file.
 */
export type NamePattern = (name: string) => boolean

type Token = 'star' | 'any' | { readonly test: (point: number) => boolean }

/** Undefined for text that git takes for no pattern, such as an open bracket: it matches nothing. */
export function compileNamePattern(text: string): NamePattern | undefined {
  if (!/[*?[\\]/.test(text)) return (name) => name === text
  const [, start = '', end = ''] = /^([^*?[\\]*)\*([^*?[\\]*)$/.exec(text) ?? []
  if (start !== '' || end !== '' || text === '*') {
    return (name) => name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end)
  }
  const tokens = tokenize(text)
  return tokens && ((name) => matches(tokens, name))
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  for (let position = 0; position < text.length; ) {
    const char = text[position]
    if (char === '[') {
      const set = bracket(text, position)
      if (!set) return undefined
      tokens.push(set)
      position = set.end
    } else if (char === '*' || char === '?') {
      if (char === '?' || tokens.at(-1) !== 'star') tokens.push(char === '*' ? 'star' : 'any')
      position++
    } else {
      if (char === '\\') position++
      const point = text.codePointAt(position)
      if (point === undefined) return undefined
      tokens.push({ test: (other) => other === point })
      position += point > 0xffff ? 2 : 1
    }
  }
  return tokens
}

/** Going back to the last star only is enough: an earlier one could not reach anything that it does not. */
function matches(tokens: readonly Token[], name: string): boolean {
  const points = Array.from(name, (char) => char.codePointAt(0) ?? 0)
  let place = 0
  let star = -1
  let tried = 0
  for (let at = 0; at < points.length; ) {
    const token = tokens[place]
    if (token === 'star') {
      star = place++
      tried = at
    } else if (token === 'any' || token?.test(points[at] ?? 0)) {
      place++
      at++
    } else if (star >= 0) {
      place = star + 1
      at = ++tried
    } else return false
  }
  while (tokens[place] === 'star') place++
  return place === tokens.length
}

const posix: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  digit: /\d/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
}

function bracket(text: string, start: number): { test: (point: number) => boolean; end: number } | undefined {
  const negated = text[start + 1] === '!' || text[start + 1] === '^'
  const tests: ((point: number) => boolean)[] = []
  for (let position = start + (negated ? 2 : 1), first = true; ; first = false) {
    if (text[position] === ']' && !first) {
      return { test: (point) => tests.some((test) => test(point)) !== negated, end: position + 1 }
    }
    const named = /^\[:([a-z]+):\]/.exec(text.slice(position, position + 12))
    const pattern = named && posix[named[1] ?? '']
    if (pattern) {
      tests.push((point) => pattern.test(String.fromCodePoint(point)))
      position += named[0].length
      continue
    }
    const one = bracketPoint(text, position)
    if (!one) return undefined
    position = one.end
    const isRange = text[position] === '-' && text[position + 1] !== ']'
    const other = isRange ? bracketPoint(text, position + 1) : one
    if (!other) return undefined
    position = other.end
    tests.push((point) => point >= one.point && point <= other.point)
  }
}

function bracketPoint(text: string, position: number): { point: number; end: number } | undefined {
  const at = text[position] === '\\' ? position + 1 : position
  const point = text.codePointAt(at)
  return point === undefined ? undefined : { point, end: at + (point > 0xffff ? 2 : 1) }
}
