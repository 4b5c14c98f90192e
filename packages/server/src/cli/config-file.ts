import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError } from './command-error.ts'
import { allFlags, type Flag, flags } from './flags.ts'
import type { Given, GivenValues } from './given.ts'
import { suggest } from './suggest.ts'

/**
 * Reads the YAML file of `--config`. Its keys are the names of the flags; relative paths in it start at its folder.
 * @throws CommandError when it cannot be read, is no YAML mapping, or has a key that means nothing.
 */
export async function readConfigFile(path: string): Promise<GivenValues> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandError(1, `the config file cannot be read: ${messageOf(cause)}`, cause)
  })
  const content = await parseYaml(text, path)
  if (content === null) return new Map()
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new CommandError(2, `${path}: expected 'key: value' lines such as 'port: 8080'`)
  }
  const values = new Map<Flag, Given>()
  for (const [key, value] of Object.entries(content)) {
    const flag = flagOfKey(key, path)
    if (value !== null) values.set(flag, { value, name: `'${key}' in ${path}`, folder: dirname(path) })
  }
  return values
}

/** Loaded only when there is a file to read: most starts have none. */
async function parseYaml(text: string, path: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text, { prettyErrors: true, logLevel: 'error' })
  } catch (cause) {
    throw new CommandError(2, `${path}: ${messageOf(cause).split('\n')[0]?.replace(/:$/, '')}`, cause)
  }
}

function flagOfKey(key: string, path: string): Flag {
  const flag = allFlags.get(key)
  const usable = [...allFlags].filter(([, { onlyTyped }]) => !onlyTyped).map(([name]) => name)
  if (flag && usable.includes(key) && flag !== flags.config) return flag
  const meant = suggest(key, usable)
  throw new CommandError(2, `${path}: there is no setting '${key}'${meant ? `, did you mean '${meant}'?` : ''}`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
