import { StorageError } from '@filegate/core'
import { CommandError } from './command-error.ts'
import type { Flag } from './flags.ts'

/** One value as somebody gave it. */
export interface Given {
  readonly value: unknown
  /** How to name it in a message: `--port`, `FILEGATE_PORT`, `'port' in /etc/filegate.yaml`. */
  readonly name: string
  /** Where relative paths start. */
  readonly folder: string
}

/** What one place says: the command line, the environment or the file. */
export type GivenValues = ReadonlyMap<Flag, Given>

/** Reads the value of a flag; undefined when nobody gave one. Throws CommandError that names it and what it takes. */
export type Take = <T>(flag: Flag<T>) => T | undefined

/** Each value comes from the first of the places that gives it. */
export function takeFrom(places: readonly GivenValues[]): Take {
  return (flag) => {
    const given = givenFor(places, flag)
    return given && named(given.name, () => flag.kind(given.value, given.folder))
  }
}

export function givenFor(places: readonly GivenValues[], flag: Flag): Given | undefined {
  return places.find((place) => place.has(flag))?.get(flag)
}

/** Runs a check of a value; what it complains about becomes an error that names the value. */
export function named<T>(name: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!StorageError.is(error)) throw error
    throw new CommandError(2, `${name}: ${error.message}`, error)
  }
}
