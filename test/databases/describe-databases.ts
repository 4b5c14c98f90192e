import { describe, expect, inject, it } from 'vitest'
import type { MadeDatabase } from './global-setup.ts'

export interface DatabaseUnderTest {
  readonly name: 'SQLite' | 'PostgreSQL'
  /** A new one each time; undefined for SQLite, which is a file where the code under test puts it. */
  readonly makeUrl: () => Promise<string | undefined>
  /** The same each time. */
  readonly url: () => Promise<string | undefined>
}

/** The same tests on each database that our state can be in. Where PostgreSQL does not start, CI fails. */
export async function describeDatabases(title: string, tests: (database: DatabaseUnderTest) => void): Promise<void> {
  const none = async (): Promise<undefined> => undefined
  const first = await makeDatabase()
  const problem = 'url' in first ? undefined : first.problem
  describe(`${title} (SQLite)`, () => {
    tests({ name: 'SQLite', makeUrl: none, url: none })
  })
  describe.skipIf(problem !== undefined)(`${title} (PostgreSQL${problem === undefined ? '' : `: ${problem}`})`, () => {
    tests({ name: 'PostgreSQL', makeUrl: async () => urlOf(await makeDatabase()), url: async () => urlOf(first) })
  })
  it(`${title}: in CI PostgreSQL starts`, () => {
    expect(process.env['CI'] === undefined ? undefined : problem).toBeUndefined()
  })
}

const makeDatabase = async (): Promise<MadeDatabase> =>
  (await (await fetch(inject('databases'))).json()) as MadeDatabase

function urlOf(made: MadeDatabase): string {
  if ('url' in made) return made.url
  throw new Error(made.problem)
}
