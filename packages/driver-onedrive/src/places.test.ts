import { describe, expect, it } from 'vitest'
import { createPlaces } from './places.ts'

const place = (name: string) => ({ parent: 'root', name })

describe('where items were seen', () => {
  it('is remembered newest first, a few places of each', () => {
    const places = createPlaces()
    for (const name of ['1', '2', '3', '4', '5', '3']) places.note('id', place(name))
    expect(places.of('id').map(({ name }) => name)).toEqual(['3', '5', '4', '2'])
    expect(places.of('other')).toEqual([])
    expect(places.lacks).toBe('nothing')
  })

  it('is forgotten of those that were not seen for long, which is known', () => {
    const places = createPlaces(2)
    places.note('a', place('a'))
    places.skipped()
    expect(places.lacks).toBe('directories')
    for (const id of ['b', 'a', 'c']) places.note(id, place(id))
    expect(['a', 'b', 'c'].map((id) => places.of(id).length)).toEqual([1, 0, 1])
    places.skipped()
    expect(places.lacks).toBe('any')
  })
})
