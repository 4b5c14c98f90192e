import { allFlags, type Flag, isSwitch, type shells } from './flags.ts'

type Shell = (typeof shells)[number]

/** A flag as a shell sees it. */
interface Option {
  /** `-p`, `--port`. */
  readonly spellings: readonly string[]
  readonly description: string
  readonly flag: Flag
}

const options: readonly Option[] = [...allFlags]
  .filter(([, flag]) => !flag.positional)
  .map(([name, flag]) => ({
    spellings: [...(flag.short ? [`-${flag.short}`] : []), `--${flag.on ? 'no-' : ''}${name}`],
    description: flag.description.split(/[:(]|\. /)[0]?.trim() ?? '',
    flag,
  }))

const spellings = options.flatMap((option) => option.spellings)
const withValue = options.filter(({ flag }) => !isSwitch(flag))

/** The script that teaches a shell the flags. */
export function completions(shell: Shell): string {
  return scripts[shell]()
}

const scripts: Readonly<Record<Shell, () => string>> = { bash, zsh, fish, powershell, elvish }

/** Single quotes hold everything but themselves; each shell has its own way to put one in. */
const quoted = (text: string, quote = "'\\''"): string => `'${text.replaceAll("'", quote)}'`

function bash(): string {
  const cases = withValue.map(({ spellings, flag }) => {
    const { completes } = flag
    const words = typeof completes === 'object' ? completes.join('\n') : ''
    const kind = completes === 'folder' ? '-d' : completes === 'file' ? '-f' : `-W ${quoted(words)}`
    return `    ${spellings.join('|')}) COMPREPLY=($(compgen ${kind} -- "$current")); return ;;`
  })
  return `# filegate completions for bash: source this, or put it where bash-completion looks.
_filegate() {
  local IFS=$'\\n'
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  case $previous in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W ${quoted(spellings.join('\n'))} -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _filegate filegate
`
}

function zsh(): string {
  const inBrackets = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&')
  const specification = ({ spellings, description, flag }: Option): string => {
    const { argument, completes, repeatable } = flag
    const action = { file: '_files', folder: '_files -/' }[typeof completes === 'string' ? completes : 'file']
    const offered = typeof completes === 'object' ? `(${completes.join(' ')})` : completes ? action : ' '
    const value = argument === undefined ? '' : `:${argument}:${offered}`
    const once = repeatable ? '*' : `(${spellings.join(' ')})`
    return spellings
      .map((spelling) => `  ${quoted(`${once}${spelling}[${inBrackets(description)}]${value}`)} \\`)
      .join('\n')
  }
  return `#compdef filegate
_arguments -s -S \\
${options.map(specification).join('\n')}
  '1:path:_files'
`
}

function fish(): string {
  const line = ({ spellings, description, flag }: Option): string => {
    const names = spellings.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
    const { completes } = flag
    const offered = typeof completes === 'object' ? `-x -a ${quoted(completes.join(' '))}` : completes ? '-r -F' : '-x'
    const value = isSwitch(flag) ? '' : ` ${offered}`
    return `complete -c filegate ${names.join(' ')}${value} -d ${quoted(description, "\\'")}`
  }
  return `# filegate completions for fish: put this into ~/.config/fish/completions/filegate.fish\n${options.map(line).join('\n')}\n`
}

/** The options that take one of a few words, and those words. */
const choices = withValue.flatMap(({ spellings, flag: { completes } }) =>
  typeof completes === 'object' ? spellings.map((name) => ({ name, words: completes })) : [],
)

function powershell(): string {
  const values = choices.map(
    ({ name, words }) => `    ${quoted(name)} = @(${words.map((word) => quoted(word)).join(', ')})`,
  )
  const names = options.flatMap(({ spellings, description }) =>
    spellings.map((name) => `    ${quoted(name)} = ${quoted(description, "''")}`),
  )
  return `# filegate completions for PowerShell: run this from your profile.
Register-ArgumentCompleter -Native -CommandName filegate -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $values = @{
${values.join('\n')}
  }
  $flags = [ordered]@{
${names.join('\n')}
  }
  $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  $previous = if ($wordToComplete -eq '') { $words[-1] } elseif ($words.Count -gt 1) { $words[-2] } else { '' }
  if ($values.ContainsKey($previous)) {
    $values[$previous] | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
  } elseif ($wordToComplete.StartsWith('-')) {
    $flags.GetEnumerator() | Where-Object { $_.Key -like "$wordToComplete*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterName', $_.Value)
    }
  }
}
`
}

function elvish(): string {
  const values = choices.map(({ name, words }) => `&${quoted(name)}=[${words.join(' ')}]`)
  const files = withValue.flatMap(({ spellings, flag }) => (typeof flag.completes === 'string' ? spellings : []))
  const names = options.flatMap(({ spellings, description }) =>
    spellings.map(
      (name) => `    edit:complex-candidate ${quoted(name)} &display=${quoted(`${name}  ${description}`, "''")}`,
    ),
  )
  return `# filegate completions for elvish: source this from rc.elv.
use str
set edit:completion:arg-completer[filegate] = {|@words|
  var values = [${values.join(' ')}]
  var files = [${files.map((name) => quoted(name)).join(' ')}]
  var previous = $words[-2]
  if (has-key $values $previous) {
    put $@values[$previous]
  } elif (and (str:has-prefix $words[-1] -) (not (has-value $files $previous))) {
${names.join('\n')}
  } else {
    edit:complete-filename $words[-1]
  }
}
`
}
