/** Where in a name a class looks: at every character, at the first or last one, or at the name as a whole. */
export type Position = 'any' | 'first' | 'last' | 'whole' | 'bytes' | 'all'

/** One rule of the `encoding` option: a bit of the mask and the characters it replaces. */
export interface NameClass {
  readonly flag: string
  readonly bit: number
  readonly where: Position
  /** Characters and, at the same place, their replacements. */
  readonly from: string
  readonly to: string
}

/** `‛`, which marks a character that looks like a replacement but is none. */
export const quote = '\u201B'
/** `␀`, which stands for NUL under every mask but Raw. */
export const nulPicture = '\u2400'

/** The full-width form of printable ASCII, the control picture of anything else. */
function replacement(character: string): string {
  const code = character.charCodeAt(0)
  if (code === 0x7f) return '\u2421'
  return String.fromCharCode(code <= 0x20 ? 0x2400 + code : 0xfee0 + code)
}

function nameClass(place: number, flag: string, where: Position, from = ''): NameClass {
  return { flag, bit: 2 ** place, where, from, to: Array.from(from, replacement).join('') }
}

const controls = String.fromCharCode(...Array.from({ length: 31 }, (_, index) => index + 1))
const lineControls = '\r\n\t\v'

/** In the order of the bits. The meaning is rclone's, so that both see the same names in the same storage. */
export const nameClasses: readonly NameClass[] = [
  nameClass(0, 'Raw', 'all'),
  nameClass(1, 'Slash', 'any', '/'),
  nameClass(2, 'LtGt', 'any', '<>'),
  nameClass(3, 'DoubleQuote', 'any', '"'),
  nameClass(4, 'SingleQuote', 'any', "'"),
  nameClass(5, 'BackQuote', 'any', '`'),
  nameClass(6, 'Dollar', 'any', '$'),
  nameClass(7, 'Colon', 'any', ':'),
  nameClass(8, 'Question', 'any', '?'),
  nameClass(9, 'Asterisk', 'any', '*'),
  nameClass(10, 'Pipe', 'any', '|'),
  nameClass(11, 'Hash', 'any', '#'),
  nameClass(12, 'Percent', 'any', '%'),
  nameClass(13, 'BackSlash', 'any', '\\'),
  nameClass(14, 'CrLf', 'any', '\r\n'),
  nameClass(15, 'Del', 'any', '\x7f'),
  nameClass(16, 'Ctl', 'any', controls),
  nameClass(17, 'LeftSpace', 'first', ' '),
  nameClass(18, 'LeftPeriod', 'first', '.'),
  nameClass(19, 'LeftTilde', 'first', '~'),
  nameClass(20, 'LeftCrLfHtVt', 'first', lineControls),
  nameClass(21, 'RightSpace', 'last', ' '),
  nameClass(22, 'RightPeriod', 'last', '.'),
  nameClass(23, 'RightCrLfHtVt', 'last', lineControls),
  nameClass(24, 'InvalidUtf8', 'bytes'),
  nameClass(25, 'Dot', 'whole', '.'),
  nameClass(26, 'SquareBracket', 'any', '[]'),
  nameClass(27, 'Semicolon', 'any', ';'),
  nameClass(28, 'Exclamation', 'any', '!'),
]

const bits: ReadonlyMap<string, number> = new Map(nameClasses.map(({ flag, bit }) => [flag.toLowerCase(), bit]))

/** The bit of a flag, written in any case. */
export function bitOf(flag: string): number | undefined {
  return bits.get(flag.toLowerCase())
}
