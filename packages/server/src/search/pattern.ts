/** What a member of a character set may be, besides itself: a Unicode property, negated or not. */
export type SetItem =
  | { readonly from: number; readonly to: number }
  | { readonly property: PropertyName; readonly negated: boolean }

/** `word`, `digit` and `space` are `\w`, `\d` and `\s`, `posix alpha` is `[:alpha:]`; all else stands inside `\p{...}`. */
export type PropertyName = string

export type Boundary = 'lineStart' | 'lineEnd' | 'word' | 'notWord' | 'wordStart' | 'wordEnd'

/** A parsed search pattern. It never matches across lines, so what captures or is lazy does not matter. */
export type PatternNode =
  | {
      readonly type: 'set'
      readonly items: readonly SetItem[]
      readonly negated: boolean
      readonly ignoreCase: boolean
    }
  | { readonly type: 'boundary'; readonly boundary: Boundary }
  | { readonly type: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'choice'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number }

/** One code point that must stand there as it is. */
export const literalPoint = (node: PatternNode): number | undefined => {
  if (node.type !== 'set' || node.negated || node.items.length !== 1) return undefined
  const [item] = node.items
  if (!item || !('from' in item) || item.from !== item.to) return undefined
  return node.ignoreCase && hasCases(item.from) ? undefined : item.from
}

/** Whether folding may concern it; asking too often only costs a little speed. */
function hasCases(point: number): boolean {
  const text = String.fromCodePoint(point)
  return text.toLowerCase() !== text || text.toUpperCase() !== text
}

/** A text to be found as it is. */
export const literalPattern = (text: string, ignoreCase: boolean): PatternNode => ({
  type: 'sequence',
  parts: Array.from(text, (char): PatternNode => {
    const point = char.codePointAt(0) ?? 0
    return { type: 'set', items: [{ from: point, to: point }], negated: false, ignoreCase }
  }),
})

/**
 * The text that every matching line contains, the longest that is easily known. `exact`: a line that contains it does
 * match, so nothing else needs to be looked at.
 */
export function requiredText(node: PatternNode): { readonly text: string; readonly exact: boolean } {
  const runs = literalRuns(node)
  const text = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  const parts = node.type === 'sequence' ? node.parts : [node]
  return { text, exact: text !== '' && parts.every((part) => literalPoint(part) !== undefined) }
}

function literalRuns(node: PatternNode): string[] {
  if (node.type === 'repeat') return node.min > 0 ? literalRuns(node.part) : []
  if (node.type === 'set') {
    const point = literalPoint(node)
    return point === undefined ? [] : [String.fromCodePoint(point)]
  }
  if (node.type !== 'sequence') return []
  const runs: string[] = []
  let run = ''
  for (const part of node.parts) {
    const point = literalPoint(part)
    if (point !== undefined) run += String.fromCodePoint(point)
    else {
      runs.push(run, ...literalRuns(part))
      run = ''
    }
  }
  return [...runs, run]
}

/** How many single-character steps the pattern has once its repetitions are written out. */
export function patternSize(node: PatternNode): number {
  switch (node.type) {
    case 'set':
    case 'boundary':
      return 1
    case 'sequence':
    case 'choice':
      return node.parts.reduce((sum, part) => sum + patternSize(part), 1)
    case 'repeat':
      break
  }
  const times = node.max === Number.POSITIVE_INFINITY ? node.min + 1 : node.max
  return 1 + patternSize(node.part) * Math.max(1, times)
}
