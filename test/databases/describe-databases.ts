import { describe, inject, it } from 'vitest'
import type { MadeDatabase } from './global-setup.ts'

export interface DatabaseUnderTest {
  readonly name: 'SQLite' | 'PostgreSQL'
  /** A new one each time; undefined for SQLite, which is a file where the code under test puts it. */
  makeUrl(): Promise<string | undefined>
  /** The same each time. */
  url(): Promise<string | undefined>
}

/** The same tests on each database that our state can be in. Where PostgreSQL does not start, CI fails. */
export async function describeDatabases(title: string, tests: (database: DatabaseUnderTest) => void): Promise<void> {
  const none = async (): Promise<undefined> => undefined
  describe(`${title} (SQLite)`, () => tests({ name: 'SQLite', makeUrl: none, url: none }))
  const first = await makeDatabase()
  if ('problem' in first) return notRun(title, first.problem)
  describe(`${title} (PostgreSQL)`, () =>
    tests({
      name: 'PostgreSQL',
      url: async () => first.url,
      async makeUrl() {
        const made = await makeDatabase()
        if ('problem' in made) throw new Error(made.problem)
        return made.url
      },
    }))
}

async function makeDatabase(): Promise<MadeDatabase> {
  return (await (await fetch(inject('databases'))).json()) as MadeDatabase
}

function notRun(title: string, reason: string): void {
  console.warn(`Not run on PostgreSQL: ${title}. ${reason}`)
  if (process.env['CI'] === undefined)
    describe.skip(`${title} (PostgreSQL): ${reason}`, () => it('is not run', () => {}))
  else
    it(`${title} (PostgreSQL)`, () => {
      throw new Error(reason)
    })
}
