import {
  type Automaton,
  carriageReturn,
  lineBreak,
  noCharacter,
  type Surroundings,
  wordCharacter,
} from './automaton.ts'
import type { Boundary } from './pattern.ts'

type Test = (before: Surroundings, after: Surroundings) => boolean

const isWord = (one: Surroundings): boolean => one === wordCharacter

/** Both `\r\n` and a lone `\r` end a line, as with `rg --crlf`; between the two characters no line begins or ends. */
const tests: Readonly<Record<Boundary, Test>> = {
  lineStart: (before, after) => before === lineBreak || (before === carriageReturn && after !== lineBreak),
  lineEnd: (before, after) => after === carriageReturn || (after === lineBreak && before !== carriageReturn),
  word: (before, after) => isWord(before) !== isWord(after),
  // What is no character is neither inside nor outside of a word.
  notWord: (before, after) => before !== noCharacter && after !== noCharacter && isWord(before) === isWord(after),
  wordStart: (before, after) => !isWord(before) && isWord(after),
  wordEnd: (before, after) => isWord(before) && !isWord(after),
}

/**
 * Finds what can be reached without a character. `marks[step]` is `round` for steps that were already visited in this
 * round, so that each is visited once however the pattern loops.
 */
export interface Closure {
  /** Calls `reach` for each `set` step, and answers whether `match` was reached. */
  from(step: number, before: Surroundings, after: Surroundings, reach: (step: number) => void): boolean
  /** Forgets what was visited. */
  next(): void
}

export function createClosure({ steps }: Automaton): Closure {
  const marks = new Uint32Array(steps.length)
  const stack: number[] = []
  let round = 1
  return {
    next: () => void round++,
    from(start, before, after, reach) {
      let matched = false
      stack.push(start)
      for (let number = stack.pop(); number !== undefined; number = stack.pop()) {
        const step = steps[number]
        if (!step || marks[number] === round) continue
        marks[number] = round
        if (step.type === 'match') matched = true
        else if (step.type === 'set') reach(number)
        else if (step.type === 'fork') stack.push(step.second, step.first)
        else if (tests[step.boundary](before, after)) stack.push(step.next)
      }
      return matched
    },
  }
}
