import { expect, test } from 'vitest'
import { suggest } from './suggest.ts'

test.each([
  ['--prot', '--port'],
  ['--allow-al', '--allow-all'],
  ['--hiden', '--hidden'],
  ['--xyz', undefined],
  ['', undefined],
])('for %j suggests %j', (typed, suggestion) => {
  expect(suggest(typed, ['--port', '--allow-all', '--hidden', '--assets'])).toBe(suggestion)
})
