import { describe, expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { canonical } from './canonical.ts'

describe('the canonical layer', () => {
  it('passes every spelling of a path on as one', async () => {
    const inner = faulty(memory({ 'a␊b/c‛‛d': 'x' }))
    const driver = canonical(inner)
    for (const spelling of ['a␊b/c‛‛d', 'a\nb/c‛‛d', 'a\nb/c‛d']) await driver.stat(parsePath(spelling))
    expect(new Set(inner.calls.map(({ path }) => path))).toEqual(new Set(['a␊b/c‛‛d']))
  })

  it('spells destinations canonically too', async () => {
    const driver = canonical(memory({ a: 'x' }))
    expect(await driver.copy?.(parsePath('a'), { destination: parsePath('b\n') })).toMatchObject({ path: 'b␊' })
    expect(await driver.move?.(parsePath('a'), { destination: parsePath('c\n') })).toMatchObject({ path: 'c␊' })
  })
})
