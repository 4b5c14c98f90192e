import { type Automaton, compileAutomaton, lineBreak, otherCharacter, type Surroundings } from './automaton.ts'
import { createClosure } from './boundaries.ts'
import type { PatternNode } from './pattern.ts'
import { createStateTable, matched, unknown } from './state-table.ts'
import { wideCharacter } from './wide-character.ts'

/** Finds lines in UTF-8 text. Whatever the pattern and the text, the time is linear in the length of the text. */
export interface LineScanner {
  /**
   * A position in the first line from `from` to `end` that matches, or -1. `from` is the start of a line, and `end` is the
   * end of the text or stands behind a line break.
   */
  find(bytes: Uint8Array, from: number, end: number): number
  /**
   * Where in the line from `start` to `end` the leftmost match begins. The line comes without its line feed; `isUnfinished`
   * says that it had none, because the text ends there.
   */
  column(bytes: Uint8Array, start: number, end: number, isUnfinished: boolean): number
}

export function createLineScanner(tree: PatternNode): LineScanner {
  const automaton = compileAutomaton(tree)
  return { find: createFinder(automaton), column: createColumnFinder(automaton) }
}

/** Runs the deterministic automaton over the text, of which the states are made when they are first met. */
function createFinder(automaton: Automaton): LineScanner['find'] {
  const { ascii, invalid, of } = automaton.classes
  const table = createStateTable(automaton)
  return (bytes, from, end) => {
    let cells = table.cells()
    let row = table.lineStart
    let position = from
    while (position < end) {
      const byte = bytes[position] ?? 0
      let kind = 0
      let width = 1
      if (byte < 128) kind = ascii[byte] ?? 0
      else {
        const wide = wideCharacter(bytes, position, end)
        width = wide & 7
        kind = wide < 8 ? invalid : of(wide >> 3)
      }
      let next = cells[row + kind] ?? unknown
      if (next <= unknown) {
        if (next === unknown) next = table.follow(row, kind)
        if (next === matched) return position
        cells = table.cells()
      }
      row = next
      position += width
    }
    if (end === from || bytes[end - 1] === 0x0a) return -1
    const kind = ascii[endOfText(bytes, end)] ?? 0
    return (cells[row + kind] || table.follow(row, kind)) === matched ? end - 1 : -1
  }
}

/**
 * The end of a text counts as a line feed, but behind a lone `\r` a line has both ended and begun, which there is no line
 * feed to put off: that is as before another `\r`.
 */
const endOfText = (bytes: Uint8Array, end: number): number => (bytes[end - 1] === 0x0d ? 0x0d : 0x0a)

/**
 * Follows all attempts at once, each with the place where it began. Attempts that began earlier come first, so the first
 * to reach a step is the one worth keeping, and a match ends all that began later.
 */
function createColumnFinder(automaton: Automaton): LineScanner['column'] {
  const { steps, start, classes, members } = automaton
  const closure = createClosure(automaton)
  const endingAs = (byte: number) => ({ kind: classes.ascii[byte] ?? 0, width: 1 })
  return (bytes, from, end, isUnfinished) => {
    const ending = isUnfinished ? endOfText(bytes, end) : 0x0a
    let attempts: { readonly step: number; readonly began: number }[] = []
    let before: Surroundings = lineBreak
    let best = -1
    for (let position = from; position <= end; ) {
      const { kind, width } = position < end ? characterAt(classes, bytes, position, end) : endingAs(ending)
      const after = classes.surroundings[kind] ?? otherCharacter
      const next: { step: number; began: number }[] = []
      const taken = new Set<number>()
      closure.next()
      if (best === -1) attempts.push({ step: start, began: position })
      for (const { step, began } of attempts) {
        const found = closure.from(step, before, after, (place) => {
          const reached = steps[place]
          if (reached?.type !== 'set' || members[reached.set * classes.count + kind] !== 1) return
          if (!taken.has(reached.next)) next.push({ step: reached.next, began })
          taken.add(reached.next)
        })
        if (!found) continue
        best = began
        while (next.at(-1)?.began === began) next.pop()
        break
      }
      if (best !== -1 && next.length === 0) return best - from
      attempts = next
      before = after
      position += width
    }
    return Math.max(0, best - from)
  }
}

function characterAt(
  classes: Automaton['classes'],
  bytes: Uint8Array,
  position: number,
  end: number,
): { readonly kind: number; readonly width: number } {
  const byte = bytes[position] ?? 0
  if (byte < 128) return { kind: classes.ascii[byte] ?? 0, width: 1 }
  const wide = wideCharacter(bytes, position, end)
  return { kind: wide < 8 ? classes.invalid : classes.of(wide >> 3), width: wide & 7 }
}
