/** More alternatives than a human would list. */
const most = 256
const deepest = 10

/**
 * What `{one,two}` and `{1..9}` stand for, written out; undefined when that is too much. A brace without a comma, without
 * two dots or without its partner is itself.
 */
export function expandBraces(text: string, depth = 0): readonly string[] | undefined {
  const group = firstGroup(text)
  if (!group) return [text]
  if (depth >= deepest) return undefined
  const choices = group.choices.length > most ? undefined : expandEach(group.choices, depth + 1)
  const rests = choices && expandBraces(text.slice(group.end), depth)
  if (!rests || choices.length * rests.length > most) return undefined
  const before = text.slice(0, group.start)
  return [...new Set(choices.flatMap((choice) => rests.map((rest) => before + choice + rest)))]
}

function expandEach(choices: readonly string[], depth: number): readonly string[] | undefined {
  const expanded: string[] = []
  for (const choice of choices) {
    const texts = expandBraces(choice, depth)
    if (!texts || expanded.length + texts.length > most) return undefined
    expanded.push(...texts)
  }
  return expanded
}

interface Group {
  readonly start: number
  readonly end: number
  readonly choices: readonly string[]
}

function firstGroup(text: string): Group | undefined {
  for (let start = 0; start < text.length; start++) {
    const skipped = skip(text, start)
    if (skipped > start) start = skipped - 1
    else if (text[start] === '{') {
      const group = groupAt(text, start)
      if (group) return group
    }
  }
  return undefined
}

function groupAt(text: string, start: number): Group | undefined {
  const choices: string[] = []
  let depth = 0
  let from = start + 1
  for (let at = start + 1; at < text.length; at++) {
    const skipped = skip(text, at)
    if (skipped > at) {
      at = skipped - 1
      continue
    }
    if (text[at] === '{') depth++
    else if (text[at] === '}' && depth > 0) depth--
    else if (text[at] === ',' && depth === 0) {
      choices.push(text.slice(from, at))
      from = at + 1
    } else if (text[at] === '}') {
      const all = choices.length > 0 ? [...choices, text.slice(from, at)] : numbers(text.slice(from, at))
      return all && { start, end: at + 1, choices: all }
    }
  }
  return undefined
}

/** Behind an escaped character or a bracket expression; `at` itself where there is neither. */
function skip(text: string, at: number): number {
  if (text[at] === '\\') return Math.min(text.length, at + 2)
  if (text[at] !== '[' || text.indexOf(']', at) === -1) return at
  const bracket = /^\[[!^]?\]?[^\]]*\]/.exec(text.slice(at))
  return bracket ? at + bracket[0].length : at
}

function numbers(text: string): readonly string[] | undefined {
  const [, first, last] = /^(\d{1,6})\.\.(\d{1,6})$/.exec(text) ?? []
  if (first === undefined || last === undefined) return undefined
  const low = Number(first)
  const count = Number(last) - low
  const length = Math.min(Math.abs(count) + 1, most + 1)
  return Array.from({ length }, (_, step) => String(low + Math.sign(count) * step))
}
