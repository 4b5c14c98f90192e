import { parsePath, StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import type { Revision } from './find-revision.ts'
import { type JournaledFolder, journaledFolder } from './testing/journaled-folder.ts'

const names = ['a', 'b', 'c', 'd/a', 'd/b', 'e/a', 'e/b', 'f/a', 'f/b']

/** Few paths, so that files come back to where they were before, alone and in folders. */
const path = fc.constantFrom<string[]>('a', 'b', 'c', 'd/a', 'd/b', 'e/a')
const folder = fc.constantFrom<string[]>('d', 'e', 'f')
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write'), from: path, to: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), from: path, to: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy'), from: path, to: path }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move'), from: path, to: path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), from: folder, to: folder }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function take(place: JournaledFolder, { kind, from, to }: Step, text: string): Promise<void> {
  const [source, destination] = [parsePath(from), parsePath(to)]
  try {
    if (kind === 'write') await place.write(from, text)
    else if (kind === 'remove') await place.changes.remove(source)
    else if (kind === 'copy') await place.changes.copy(source, { destination, overwrite: true })
    else await place.changes.move(source, { destination, overwrite: true })
  } catch (error) {
    // Nothing stands there, or it is the same place.
    if (!StorageError.is(error)) throw error
  }
}

/** Where the count is not that of the history, or a number in it does not lead to what it speaks of. */
async function contradictions(place: JournaledFolder): Promise<unknown[]> {
  const { queries } = place.journal
  const found: unknown[] = []
  for (const path of names.map((name) => parsePath(name))) {
    const shown = await queries.history(path, { afterId: 0, limit: 1000 })
    const count = (await queries.revisionsOf(path)) ?? shown.length
    if (count !== shown.length) found.push({ path, count, shown: shown.length })
    if (new Set(shown.map(({ seq }) => seq)).size !== shown.length) found.push({ path, numbers: 'not distinct' })
    const own = shown.filter((entry) => entry.path === path)
    for (const { seq, ts, after } of shown) {
      const hash = await hashOf(queries.revision(path, seq ?? 0))
      if (hash !== after) found.push({ path, seq, hash, after })
      const last = own.findLast((entry) => entry.ts <= ts)
      const held = await hashOf(queries.at(path, ts))
      if (last && held !== last.after) found.push({ path, ts, held, after: last.after })
    }
  }
  return found
}

/** Null where nothing stood; text for any other failure. */
async function hashOf(revision: Promise<Revision>): Promise<string | null> {
  try {
    return (await revision).hash
  } catch (error) {
    return String(error).includes('was deleted or moved') ? null : String(error)
  }
}

await describeDatabases('the revisions of a path', ({ url }) => {
  const steps = fc.array(step, { minLength: 1, maxLength: 25 })

  it('are as many as listings say, wherever its files have been', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const place = await journaledFolder({ databaseUrl: await url() })
        try {
          for (const [index, one] of steps.entries()) await take(place, one, `text ${index}`)
          expect(await contradictions(place)).toEqual([])
        } finally {
          await place.close()
        }
      }),
      { numRuns: 15, examples: [[moves('ab', 'ba', 'ac', 'cb', 'ba')]] },
    )
  })

  it('are counted anew when older ones are forgotten', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, async (before, after) => {
        const first = await journaledFolder({ databaseUrl: await url(), retention: { revisions: 2 } })
        for (const [index, one] of before.entries()) await take(first, one, `text ${index}`)
        const place = await first.reopened()
        try {
          expect(await contradictions(place)).toEqual([])
          for (const [index, one] of after.entries()) await take(place, one, `more ${index}`)
          expect(await contradictions(place)).toEqual([])
        } finally {
          await place.close()
        }
      }),
      { numRuns: 8 },
    )
  })
})

/** Neither a number nor a count may get out of hand, however often files take turns at their paths. */
await describeDatabases('numbers', ({ url }) => {
  it.each([
    ['a file that goes to and fro', ['ab', 'ba'], 60],
    ['files that take turns at a few paths', ['cd', 'bc', 'ab', 'da'], 60],
  ])('of %s stay small', { timeout: 60_000 }, async (_, pairs, rounds) => {
    const place = await journaledFolder({ databaseUrl: await url() })
    try {
      await place.write('b', 'another')
      await place.changes.remove(parsePath('b'))
      const all = Array.from({ length: rounds }, () => pairs).flat()
      for (const [index, step] of moves(...all).entries()) {
        await take(place, step, `text ${index}`)
        if (index % 3 === 0) await place.changes.setModified(parsePath(step.to), { modified: index }).catch(ifMissing)
        if (index % 2 === 0) await writeAgain(place, step.to, `more ${index}`)
      }
      expect(await contradictions(place)).toEqual([])
      const shown = await place.journal.queries.history(parsePath('a'), { afterId: 0, limit: 10_000 })
      expect(shown.length).toBeGreaterThan(rounds)
      expect(shown.at(-1)?.seq).toBeLessThan(shown.length * 3)
    } finally {
      await place.close()
    }
  })

  it('lead to what is left when older entries of a file that goes to and fro are forgotten', async () => {
    const first = await journaledFolder({ databaseUrl: await url(), retention: { revisions: 5 } })
    for (const [index, step] of moves('ab', 'ba', 'ac', 'cb', 'ba', 'ab', 'ba', 'ac', 'ca').entries()) {
      await take(first, step, `text ${index}`)
      for (const more of [1, 2]) await writeAgain(first, step.to, `more ${index} ${more}`)
    }
    const place = await first.reopened()
    try {
      expect(await contradictions(place)).toEqual([])
    } finally {
      await place.close()
    }
  })

  it('that would get too great begin anew', async () => {
    const place = await journaledFolder({ databaseUrl: await url() })
    try {
      for (const name of ['a', 'b']) await place.write(name, name)
      const tables = await place.openTables()
      for (const table of ['journal_entry', 'journal_place'] as const) {
        await tables.database
          .updateTable(table)
          .set({ seq: 2 ** 48 })
          .where('seq', '=', 1)
          .execute()
      }
      await tables.close()
      for (const step of moves('ba', 'ab', 'ba').slice(1)) await take(place, step, 'text')
      const shown = await place.journal.queries.history(parsePath('a'), { afterId: 0, limit: 100 })
      expect(shown.at(-1)?.seq).toBeLessThan(2 ** 48 + 100)
      expect(await contradictions(place)).toEqual([])
    } finally {
      await place.close()
    }
  })
})

/** Writes to a file that is there. */
async function writeAgain(place: JournaledFolder, path: string, text: string): Promise<void> {
  const isThere = await place.storage.stat(parsePath(path)).catch(ifMissing)
  if (isThere) await place.write(path, text)
}

function ifMissing(error: unknown): undefined {
  if (!StorageError.is(error, 'NotFound')) throw error
}

/** A file is made, and goes from here to there. */
function moves(...pairs: string[]): Step[] {
  const all = pairs.map(([from = 'a', to = 'a']): Step => ({ kind: 'move', from, to }))
  return [{ kind: 'write', from: 'a', to: 'a' }, ...all]
}
