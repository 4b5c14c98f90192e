import { randomBytes } from 'node:crypto'
import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalDatabase } from './journal-store.ts'

const nameOfFact = 'contents'

/**
 * The folder with the contents that a journal in a database speaks of. The database knows its name: so no server that has
 * another data folder, or serves another folder under the same path, takes its contents for lost or its files for deleted.
 * @throws Error when it is not here
 */
export async function placeOfContents(database: JournalDatabase, directory: string): Promise<string> {
  const name = (await nameKnown(database)) ?? (await makeFolder(database, directory))
  const path = join(directory, name)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new Error(
    `The journal in the database belongs to another data folder: there is no ${path}. Servers that share a journal need the same --data-dir, on storage that they share; another folder under the same path needs another database.`,
  )
}

async function nameKnown(database: JournalDatabase): Promise<string | undefined> {
  const fact = await database
    .selectFrom('journal_fact')
    .select('value')
    .where('name', '=', nameOfFact)
    .executeTakeFirst()
  return fact?.value
}

/** Of several servers that start together, one gives the name. */
async function makeFolder(database: JournalDatabase, directory: string): Promise<string> {
  const value = `contents-${randomBytes(8).toString('hex')}`
  const path = join(directory, value)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  await database
    .insertInto('journal_fact')
    .values({ name: nameOfFact, value })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const known = await nameKnown(database)
  if (known !== value) rmdirSync(path)
  return known ?? value
}
