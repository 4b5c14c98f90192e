import { expect, it } from 'vitest'
import { distinctNames } from './distinct-names.ts'

const shown = (...items: readonly (readonly [name: string, id: string])[]) =>
  [
    ...distinctNames(
      items.map(([name, id]) => ({ name, id })),
      ({ id }) => id,
    ),
  ].map(([name, { id }]) => [name, id])

it('things of one name are told apart by their ids, whatever the case', () => {
  expect(shown(['a', 'id:1'], ['A', 'id:2'], ['b', 'id:3'])).toEqual([
    ['a', 'id:1'],
    ['A (2)', 'id:2'],
    ['b', 'id:3'],
  ])
})

it('a name that was chosen to look like that of another thing hides nothing', () => {
  expect(shown(['a (2)', '9'], ['a', '1'], ['a', '2'])).toEqual([
    ['a (2)', '9'],
    ['a', '1'],
    ['a (2) (2)', '2'],
  ])
})

it('what no path can hold is not shown', () => {
  expect(shown(['..', '1'], ['a/b', '2'], ['', '3'], ['fine', '4'])).toEqual([['fine', '4']])
})
