import { type Automaton, lineBreak, otherCharacter, type Surroundings } from './automaton.ts'
import { createClosure } from './boundaries.ts'

/**
 * The states of the deterministic automaton that were met so far. A state is named by where its row begins in the cells,
 * of which there is one for each class of characters; the first row stays empty, so that no state is called 0.
 */
export interface StateTable {
  readonly lineStart: number
  /** `cells[row + class]` is the next row, `unknown` or `matched`. Ask again whenever `follow` was called. */
  cells(): Int32Array
  /** The next row, found out and kept. */
  follow(row: number, kind: number): number
}

export const unknown = 0
export const matched = -1

/** The steps that wait for a character, and what the last one was. */
interface State {
  readonly steps: readonly number[]
  readonly before: Surroundings
}

/** More cells than this are not kept: the states are thrown away and found anew, which keeps memory bounded. */
const mostCells = 1 << 20
const mostStates = 10_000

export function createStateTable(automaton: Automaton): StateTable {
  const { start, classes } = automaton
  const { count, lineFeed } = classes
  const step = createStepper(automaton)
  const most = Math.max(4, Math.min(mostStates, Math.floor(mostCells / count)))
  const atLineStart: State = { steps: [], before: lineBreak }
  let states: State[] = []
  let rows = new Map<string, number>()
  let cells = new Int32Array(64 * count)

  function rowOf(state: State): number {
    const key = `${state.before} ${state.steps.join(' ')}`
    const known = rows.get(key)
    if (known !== undefined) return known
    if (states.length >= most) forget()
    const row = states.push(state) * count
    rows.set(key, row)
    if (row + count > cells.length) {
      const larger = new Int32Array(2 * cells.length)
      larger.set(cells)
      cells = larger
    }
    return row
  }

  function forget(): void {
    states = []
    rows = new Map()
    cells.fill(unknown)
    rowOf(atLineStart)
  }

  const lineStart = rowOf(atLineStart)

  return {
    lineStart,
    cells: () => cells,
    follow(row, kind) {
      const state = states[row / count - 1] ?? atLineStart
      const known = states.length
      const next = step([...state.steps, start], state.before, kind)
      const target = next === undefined ? matched : kind === lineFeed ? lineStart : rowOf(next)
      // Otherwise all was forgotten meanwhile, and the row belongs to another state.
      if (states.length >= known) cells[row + kind] = target
      return target
    },
  }
}

type Stepper = (from: Iterable<number>, before: Surroundings, kind: number) => State | undefined

/** What comes of a set of steps with one more character, of the class `kind`; undefined when the pattern has matched. */
function createStepper(automaton: Automaton): Stepper {
  const { steps, classes, members } = automaton
  const closure = createClosure(automaton)
  return (from, before, kind) => {
    const after = classes.surroundings[kind] ?? otherCharacter
    const next = new Set<number>()
    const reach = (place: number): void => {
      const step = steps[place]
      if (step?.type === 'set' && members[step.set * classes.count + kind] === 1) next.add(step.next)
    }
    closure.next()
    for (const step of from) if (closure.from(step, before, after, reach)) return undefined
    return { steps: [...next].sort((one, other) => one - other), before: after }
  }
}
