import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const module = fileURLToPath(new URL('young-generation.ts', import.meta.url))

/** Megabytes of the young generation of a process after it has made a lot of objects that live for a moment. */
async function afterMuchWork(prepare: string): Promise<number> {
  const work = `
    const { keepYoungGenerationSmall } = await import(${JSON.stringify(module)})
    ${prepare}
    const { getHeapSpaceStatistics } = await import('node:v8')
    const alive = Array.from({ length: 50_000 })
    for (let count = 0; count < 3_000_000; count++) alive[count % alive.length] = { count }
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    console.log(space.space_size / 2 ** 20)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', work])
  return Number(stdout)
}

describe('the young generation', () => {
  it('stays as small as it was, where it would grow', async () => {
    const [kept, grown] = await Promise.all([afterMuchWork('keepYoungGenerationSmall()'), afterMuchWork('')])
    expect(kept).toBeLessThanOrEqual(4)
    expect(grown).toBeGreaterThan(2 * kept)
  })
})
