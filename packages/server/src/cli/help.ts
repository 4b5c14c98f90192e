import { styleText } from 'node:util'
import { commands } from '../commands/commands.ts'
import { allFlags, type Flag, groups, isSwitch } from './flags.ts'

export interface Paper {
  /** Characters in a line. */
  readonly width: number
  readonly colours: boolean
}

const column = 30
const widest = 100

const introduction = 'filegate serves a folder over HTTP: to browse, to download, to search, and to change.'

const examples: readonly (readonly [string, string])[] = [
  ['filegate ~/files --allow-all', 'Everything, for this machine only'],
  [
    "filegate /srv -b 0.0.0.0 -a 'ann:secret@/:rw' -a @/public",
    'For the network: an account, and a part for everybody',
  ],
  ['filegate -c /etc/filegate.yaml -p 8443', 'Settings from a file, one of them changed'],
]

const remark =
  'Every flag is also a variable of the environment and a key of the YAML file: --path-prefix is FILEGATE_PATH_PREFIX and ' +
  'path-prefix, [path] is FILEGATE_SERVE_PATH and serve-path. What is typed wins over the environment, the environment over the file. ' +
  '--no-<switch> switches off. A folder with the name of a command is served as ./connect, say.'

/** The text of `--help`. */
export function helpText({ width, colours }: Paper): string {
  const right = Math.min(width, widest)
  const paint = (style: 'bold' | 'cyan' | 'dim', text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text
  const title = (text: string): string => paint('bold', text)
  const rows = (entries: readonly (readonly [string, Flag])[]): string[] =>
    entries.flatMap(([name, flag]) => row(label(name, flag), describe(flag), right, paint))
  const sections = groups.map((group) => [
    '',
    title(`${group}:`),
    ...rows([...allFlags].filter(([, flag]) => flag.group === group && !flag.positional)),
  ])
  const positional = [...allFlags].filter(([, flag]) => flag.positional)
  return [
    ...wrap(introduction, right),
    '',
    `${title('Usage:')} ${paint('cyan', 'filegate [flags] [path]')}`,
    ...Object.values(commands).map(({ usage }) => `       ${paint('cyan', usage)}`),
    '',
    ...positional.flatMap(([, flag]) => row(`  [${flag.argument}]`, describe(flag), right, paint)),
    ...sections.flat(),
    '',
    title('Examples:'),
    ...examples.flatMap(([command, meaning]) => [paint('dim', `  # ${meaning}`), `  ${paint('cyan', command)}`]),
    '',
    ...wrap(remark, right),
    '',
  ].join('\n')
}

function label(name: string, flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : '    '
  return `  ${short}--${flag.on ? 'no-' : ''}${name}${isSwitch(flag) ? '' : ` <${flag.argument}>`}`
}

const describe = (flag: Flag): string => `${flag.description}${flag.default ? ` [default: ${flag.default}]` : ''}`

function row(left: string, text: string, right: number, paint: (style: 'cyan', text: string) => string): string[] {
  const lines = wrap(text, right - column)
  const indent = ' '.repeat(column)
  const fits = left.length + 2 <= column
  const first = fits
    ? [paint('cyan', left) + ' '.repeat(column - left.length) + (lines[0] ?? '')]
    : [paint('cyan', left)]
  return [...first, ...lines.slice(fits ? 1 : 0).map((line) => indent + line)]
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
