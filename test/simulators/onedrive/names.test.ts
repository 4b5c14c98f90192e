import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { GraphError } from './graph-error.ts'
import { checkName, freeName } from './names.ts'
import { startOneDrive } from './start-onedrive.ts'
import { plainClient } from './testing-client.ts'

function isAllowed(name: string): boolean {
  try {
    checkName(name)
    return true
  } catch (error) {
    if (error instanceof GraphError) return false
    throw error
  }
}

it('finds whatever has an allowed name by its path, and only that', async () => {
  const onedrive = await startOneDrive()
  const ask = plainClient(onedrive)
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(name, async (text) => {
      const path = `/me/drive/root:/${encodeURIComponent(text)}`
      const made = await ask('PUT', `${path}:/content`, 'x')
      const found = await ask('GET', path)
      expect(made.status < 300).toBe(isAllowed(text))
      expect(found.json.id).toBe(made.json.id)
    }),
    { numRuns: 150 },
  )
  await onedrive.close()
})

it('names a second one as the first, with a number before its extension', () => {
  const taken = new Set(['a.txt', 'a 1.txt', '.hidden', 'folder'])
  const free = (name: string): string => freeName(name, (each) => taken.has(each))
  expect(['a.txt', '.hidden', 'folder'].map(free)).toEqual(['a 2.txt', '.hidden 1', 'folder 1'])
})
