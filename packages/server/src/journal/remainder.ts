import { isWithin, parsePath, type StoragePath } from '@filegate/core'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { JournalSchema } from './schema.ts'

/**
 * What is still to be entered of a change of a whole folder: everything that it held has to be told of, which is done in parts, so
 * that others get their turn in between. It is kept beside the entries, so that whoever comes after a crash goes on with it.
 */
export interface Remainder {
  /** That of the first entry of the change. What has a later one at its own path came afterwards, and is no part of it. */
  readonly id: number
  /** The folder as it was called before. */
  readonly from: StoragePath
  /** Where it is now. Absent: it is gone. */
  readonly to?: StoragePath | undefined
  /** Unix milliseconds. */
  readonly at: number
  readonly reason?: string | undefined
  /** Up to this path everything is entered. */
  readonly after: string
}

const prefix = 'remainder/'

const path = z.string().transform((text) => parsePath(text))
const noted = z.object({
  id: z.number(),
  from: path,
  to: path.optional(),
  at: z.number(),
  reason: z.string().optional(),
  after: z.string(),
})

/** The oldest first. */
export async function readRemainders(database: Kysely<JournalSchema>): Promise<readonly Remainder[]> {
  const rows = await database
    .selectFrom('journal_fact')
    .select('value')
    // All names with the prefix lie between these two, `0` being the character after the slash.
    .where('name', '>', prefix)
    .where('name', '<', prefix.replace('/', '0'))
    .execute()
  return rows.map(({ value }) => noted.parse(JSON.parse(value))).toSorted((one, other) => one.id - other.id)
}

export async function writeRemainder(database: Kysely<JournalSchema>, remainder: Remainder): Promise<void> {
  const value = JSON.stringify(remainder satisfies z.input<typeof noted>)
  await database
    .insertInto('journal_fact')
    .values({ name: nameOf(remainder), value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

export async function removeRemainder(database: Kysely<JournalSchema>, remainder: Remainder): Promise<void> {
  await database.deleteFrom('journal_fact').where('name', '=', nameOf(remainder)).execute()
}

const nameOf = ({ id }: Remainder): string => `${prefix}${id}`

/** Whether what stands at a path, or below it, may still be told of elsewhere. */
export const concerns = ({ from, to }: Remainder, path: StoragePath): boolean =>
  [from, to].some((folder) => folder !== undefined && (isWithin(path, folder) || isWithin(folder, path)))

/** What a path in the folder, at its old place or its new one, was called before. Undefined for all others, and for the folder itself. */
export function formerPath({ from, to }: Remainder, path: StoragePath): string | undefined {
  const folder = [from, to].find((folder) => folder !== undefined && path !== folder && isWithin(path, folder))
  return folder === undefined ? undefined : from + path.slice(folder.length)
}
