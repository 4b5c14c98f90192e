import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parsePath, StorageError } from '@filegate/core'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { type JournaledFolder, journaledFolder } from './testing/journaled-folder.ts'

const names = ['a', 'b', 'c']
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.map((name, depth) => `${name}${depth}`).join('/'))
const step = fc.record({
  kind: fc.constantFrom('write', 'append', 'remove', 'move', 'copy'),
  behindOurBack: fc.boolean(),
  path,
  other: path,
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Every file of the folder with what it holds. */
function tree(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(folder, name)).isFile()) found[name] = readFileSync(join(folder, name), 'utf8')
  }
  return found
}

/** What comes next must not have happened at that time, too. A timer may end before its milliseconds are over. */
async function laterThan(time: number): Promise<void> {
  while (Date.now() <= time) await setImmediate()
}

async function ours(place: JournaledFolder, { kind, path, other }: Step, text: string): Promise<void> {
  const [from, to] = [parsePath(path), parsePath(other)]
  const { changes } = place
  const { body } = new Response(text)
  try {
    if (kind === 'write') await place.write(path, text)
    else if (kind === 'append' && body) await changes.append(from, { body })
    else if (kind === 'remove') await changes.remove(from)
    else if (kind === 'move') await changes.move(from, { destination: to, overwrite: true })
    else await changes.copy(from, { destination: to, overwrite: true })
  } catch (error) {
    // Nothing stands there, or a file stands where a folder is needed.
    if (!StorageError.is(error)) throw error
  }
}

function theirs({ folder }: JournaledFolder, { kind, path, other }: Step, text: string): void {
  const [from, to] = [join(folder, path), join(folder, other)]
  try {
    if (kind === 'remove') rmSync(from, { recursive: true })
    else if (kind === 'move') renameSync(from, to)
    else {
      mkdirSync(join(from, '..'), { recursive: true })
      writeFileSync(from, text, { flag: kind === 'append' ? 'a' : 'w' })
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

await describeDatabases('the past', ({ url }) => {
  it('is what the folder held at each time, whoever changed it', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const place = await journaledFolder({ databaseUrl: await url() })
        try {
          const past: { at: number; held: Record<string, string> }[] = []
          for (const [index, one] of steps.entries()) {
            if (one.behindOurBack) theirs(place, one, `text ${index}`)
            else await ours(place, one, `text ${index}`)
            await place.journal.flush()
            const at = Date.now()
            past.push({ at, held: tree(place.folder) })
            await laterThan(at)
          }
          const paths = new Set(past.flatMap(({ held }) => Object.keys(held)))
          for (const { at, held } of past) {
            for (const path of paths) expect([at, path, await place.textAt(path, at)]).toEqual([at, path, held[path]])
          }
          const last = past.at(-1)?.held ?? {}
          const { queries } = place.journal
          for (const path of Object.keys(last)) {
            const shown = await queries.history(parsePath(path), { afterId: 0, limit: 1000 })
            expect([path, await queries.revisionsOf(parsePath(path))]).toEqual([path, shown.length])
            const numbers = shown.map(({ seq }) => seq)
            expect(new Set(numbers).size).toBe(numbers.length)
          }
          expect(place.problems).toEqual([])
        } finally {
          await place.close()
        }
      }),
      { numRuns: 12 },
    )
  })
})
