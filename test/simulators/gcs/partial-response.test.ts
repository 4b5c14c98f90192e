import { describe, expect, it } from 'vitest'
import { parseFields, selectFields } from './partial-response.ts'

const answer = {
  kind: 'k',
  next: 't',
  items: [
    { name: 'a', size: '1', metadata: { m: 'x', n: 'y' } },
    { name: 'b', size: '2' },
  ],
}
const select = (fields: string): unknown => selectFields(answer, parseFields(fields))

describe('partial responses', () => {
  it('hold what is selected', () => {
    expect(select('next,items(name)')).toEqual({ next: 't', items: [{ name: 'a' }, { name: 'b' }] })
    expect(select('items/metadata/m')).toEqual({ items: [{ metadata: { m: 'x' } }, {}] })
    expect(select('items(name,metadata(n))')).toEqual({ items: [{ name: 'a', metadata: { n: 'y' } }, { name: 'b' }] })
    expect(select('items/*/m')).toEqual({
      items: [
        { name: 'a', size: '1', metadata: { m: 'x' } },
        { name: 'b', size: '2' },
      ],
    })
    expect(select('*')).toEqual(answer)
    expect(select('none')).toEqual({})
  })

  it('are refused for selections that make no sense', () => {
    for (const fields of ['a(', 'a()', 'a)', ',a', 'a,', 'a//b', '1a', 'a b']) {
      expect(() => parseFields(fields)).toThrow('Invalid field selection')
    }
  })
})
