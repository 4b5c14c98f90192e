import type { GrepRequest } from './grep-request.ts'

/** Longer lines are printed cut. It is enough for 4,096 characters, of which each takes at most 4 bytes. */
const mostColumns = 16_384

/** `{ name: true }` is a bare switch. */
const always = {
  '--no-config': true,
  // What cannot be opened is skipped. A pattern that is refused is reported all the same.
  '--no-messages': true,
  '--color': 'never',
  '--no-heading': true,
  '--with-filename': true,
  // A NUL ends each field in front of a matching line: it stands in no path, and lines that hold one are not printed.
  '--null': true,
  '--field-match-separator': '\\x00',
  '--line-number': true,
  '--column': true,
  '--no-context-separator': true,
  '--max-columns': mostColumns,
  '--max-columns-preview': true,
  '--stats': true,
  '--crlf': true,
  // A mapped file that somebody shortens would kill the process.
  '--no-mmap': true,
  '--no-follow': true,
  '--path-separator': '/',
  // Folders count as they are, whether or not git knows of them; only rules inside the served folder apply.
  '--no-require-git': true,
  '--no-ignore-global': true,
  '--no-ignore-parent': true,
  '--regex-size-limit': '100M',
  '--dfa-size-limit': '100M',
} as const

/** What the driver hides from everybody: files that are not complete yet, and the trash. */
const neverShown = ['--glob=!.filegate-????????????????.part', '--glob=!.filegate-trash']

/** The arguments for a search of the working directory. Paths in the output then begin with `./`. */
export function ripgrepArguments(request: GrepRequest, inheritedRules: string | undefined): string[] {
  const { pattern, context, maxCount, maxDepth, maxFilesize } = request
  const chosen: Readonly<Record<string, string | number | boolean | undefined>> = {
    ...always,
    '--context': context,
    '--max-count': maxCount,
    '--max-depth': maxDepth,
    '--max-filesize': maxFilesize,
    '--ignore-case': pattern.ignoreCase,
    '--case-sensitive': !pattern.ignoreCase,
    '--fixed-strings': pattern.fixedString,
    '--hidden': request.hidden,
    '--no-ignore': request.noIgnore,
    '--ignore-file': request.noIgnore ? undefined : inheritedRules,
    '--glob': request.noIgnore ? undefined : '!.git',
    '--regexp': pattern.source,
  }
  return [...Object.entries(chosen).flatMap(([name, value]) => argument(name, value)), ...neverShown, '--', './']
}

/** One word each, so that no value is ever taken for a switch. */
function argument(name: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined || value === false) return []
  return value === true ? [name] : [`${name}=${value}`]
}
