import { StorageError } from '@filegate/core'
import { charClass, isNul, refuseNul } from './parse-char-class.ts'
import { escapeAt, isDigit, type Escape } from './parse-escape.ts'
import { literalPattern, type PatternNode, patternSize } from './pattern.ts'
import { refusePattern } from './refuse-pattern.ts'

export interface PatternFlags {
  readonly ignoreCase: boolean
  /** The pattern is a text, not a regular expression. */
  readonly fixedString: boolean
}

/** A pattern that both engines understand in the same way. */
export interface SearchPattern extends PatternFlags {
  /** As ripgrep takes it, without the flags. */
  readonly source: string
  readonly tree: PatternNode
}

const longest = 4096
/** Deeper nesting than a human writes would only serve to exhaust the stack. */
const deepest = 100
const mostRepeats = 1000
const largest = 2000

/**
 * Parses the pattern of a search: the syntax of ripgrep's default engine as far as it can be searched line by line and in
 * linear time. Whatever is accepted means the same to ripgrep. One liberty: a `{` that starts no repetition is itself.
 * @throws StorageError `InvalidArgument` that says what is wrong and where.
 */
export function parsePattern(text: string, flags: PatternFlags): SearchPattern {
  if (text === '') throw new StorageError('InvalidArgument', "Parameter 'grep' needs a pattern to search for.")
  if (text.length > longest) refusePattern(`it has ${text.length} characters, at most ${longest} are allowed`)
  if (/[\n\r\0]/.test(text)) refusePattern('it contains a line break or a NUL, and a search goes line by line')
  if (!text.isWellFormed()) refusePattern('it is not valid Unicode')
  if (flags.fixedString) return { ...flags, source: text, tree: literalPattern(text, flags.ignoreCase) }
  const parser = new PatternParser(text, flags.ignoreCase)
  const tree = parser.parse()
  if (patternSize(tree) > largest) refusePattern('it becomes too large when its repetitions are written out')
  return { ...flags, source: parser.source(), tree }
}

class PatternParser {
  readonly #text: string
  readonly #literalBraces: number[] = []
  #position = 0
  #depth = 0
  #ignoreCase: boolean

  constructor(text: string, ignoreCase: boolean) {
    this.#text = text
    this.#ignoreCase = ignoreCase
  }

  parse(): PatternNode {
    const tree = this.#choice()
    if (this.#position < this.#text.length) this.#refuse('there is a ) without its (')
    return tree
  }

  /** ripgrep insists on an escape before a brace that is meant literally. */
  source(): string {
    let written = ''
    let from = 0
    for (const brace of this.#literalBraces) {
      written += `${this.#text.slice(from, brace)}\\`
      from = brace
    }
    return written + this.#text.slice(from)
  }

  #refuse(problem: string): never {
    refusePattern(`${problem}, at character ${this.#position + 1}`)
  }

  #choice(): PatternNode {
    if (++this.#depth > deepest) this.#refuse(`groups are nested more than ${deepest} deep`)
    const before = this.#ignoreCase
    const parts = [this.#sequence()]
    while (this.#text[this.#position] === '|') {
      this.#position++
      parts.push(this.#sequence())
    }
    // Flags set inside a group end with it.
    this.#ignoreCase = before
    this.#depth--
    const [only] = parts
    return parts.length === 1 && only ? only : { type: 'choice', parts }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#position < this.#text.length) {
      const char = this.#text[this.#position]
      if (char === '|' || char === ')') break
      const atom = this.#atom()
      if (atom) parts.push(this.#repeated(atom))
    }
    return { type: 'sequence', parts }
  }

  /** Undefined for what stands for no text, such as `(?i)`. */
  #atom(): PatternNode | undefined {
    const char = this.#text[this.#position] ?? ''
    const parse = atoms[char]
    if (parse === 'group') return this.#group()
    if (parse === 'class') return this.#class()
    if (parse === 'escape') return this.#escape()
    if (parse === 'repetition') this.#refuse(`there is nothing before the ${char} that it could repeat`)
    if (parse) return this.#take(1, parse)
    if (char === '{') {
      if (this.#repetition()) this.#refuse('there is nothing before the { that it could repeat')
      this.#literalBraces.push(this.#position)
    }
    const point = this.#text.codePointAt(this.#position) ?? 0
    return this.#take(point > 0xffff ? 2 : 1, this.#set([{ from: point, to: point }]))
  }

  #take<T>(length: number, node: T): T {
    this.#position += length
    return node
  }

  #set(items: Extract<PatternNode, { type: 'set' }>['items'], negated = false): PatternNode {
    return { type: 'set', items, negated, ignoreCase: this.#ignoreCase }
  }

  #group(): PatternNode | undefined {
    const kind = groupStart.exec(this.#text.slice(this.#position, this.#position + 80))
    if (!kind) this.#refuse('the kind of group that starts with (? is not known')
    const { look, name, on, off, end } = kind.groups ?? {}
    if (look)
      this.#refuse('look-ahead and look-behind are not supported, because they cannot be searched in linear time')
    if (name !== undefined && !/^[A-Za-z_]\w*$/.test(name))
      this.#refuse('the name of a group has letters, digits and _')
    const before = this.#ignoreCase
    if (on || off !== undefined || end === ')') this.#ignoreCase = this.#flag(on ?? '', off)
    this.#position += kind[0].length
    // `(?i)` counts to the end of the group it stands in, which restores it.
    if (end === ')') return undefined
    const node = this.#choice()
    if (this.#text[this.#position] !== ')') this.#refuse('a ( has no )')
    this.#position++
    this.#ignoreCase = before
    return node
  }

  #flag(on: string, off: string | undefined): boolean {
    if (on + (off ?? '') === 'i') return on === 'i'
    return this.#refuse('the only flag that a pattern may set is i, as in (?i) or (?-i)')
  }

  #class(): PatternNode {
    const { items, negated, end } = charClass(this.#text, this.#position)
    return this.#take(end - this.#position, this.#set(items, negated))
  }

  #escape(): PatternNode {
    const escape: Escape = escapeAt(this.#text, this.#position)
    if ('boundary' in escape) return this.#take(escape.length, { type: 'boundary', boundary: escape.boundary })
    if (isNul(escape.item)) refuseNul()
    return this.#take(escape.length, this.#set([escape.item]))
  }

  #repeated(atom: PatternNode): PatternNode {
    const bounds = this.#repetition()
    if (!bounds) return atom
    this.#position += bounds.length
    // Lazy or greedy, the same lines match.
    if (this.#text[this.#position] === '?') this.#position++
    if (++this.#depth > deepest) this.#refuse('too many repetitions follow each other')
    const node = this.#repeated({ type: 'repeat', part: atom, min: bounds.min, max: bounds.max })
    this.#depth--
    return node
  }

  #repetition(): { readonly min: number; readonly max: number; readonly length: number } | undefined {
    const char = this.#text[this.#position] ?? ''
    const simple = repetitions[char]
    if (simple) return { ...simple, length: 1 }
    if (char !== '{' || !isDigit(this.#text[this.#position + 1])) return undefined
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#position, this.#position + 40))
    if (!counted) return undefined
    const min = Number(counted[1])
    const max = counted[2] === undefined ? min : counted[3] ? Number(counted[3]) : Number.POSITIVE_INFINITY
    if (max < min) this.#refuse('a repetition ends below its start')
    if (min > mostRepeats || (max > mostRepeats && max !== Number.POSITIVE_INFINITY)) {
      this.#refuse(`a repetition counts to ${mostRepeats} at most`)
    }
    return { min, max, length: counted[0].length }
  }
}

const repetitions: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  '*': { min: 0, max: Number.POSITIVE_INFINITY },
  '+': { min: 1, max: Number.POSITIVE_INFINITY },
  '?': { min: 0, max: 1 },
}

/** Line breaks belong to no set, so the dot is everything else. */
const anything: PatternNode = { type: 'set', items: [], negated: true, ignoreCase: false }

const atoms: Readonly<Record<string, PatternNode | 'group' | 'class' | 'escape' | 'repetition'>> = {
  '.': anything,
  '^': { type: 'boundary', boundary: 'lineStart' },
  $: { type: 'boundary', boundary: 'lineEnd' },
  '(': 'group',
  '[': 'class',
  '\\': 'escape',
  '*': 'repetition',
  '+': 'repetition',
  '?': 'repetition',
}

const groupStart =
  /^\((?:\?(?:(?<look><?[=!])|P?<(?<name>[^>]*)>|(?<on>[a-zA-Z]*)(?:-(?<off>[a-zA-Z]+))?(?<end>[:)]))|(?!\?))/
