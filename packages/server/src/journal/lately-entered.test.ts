import { parsePath } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { createLatelyEntered } from './lately-entered.ts'
import type { Found } from './place.ts'

const attributes = { mode: 0o644, uid: 0, gid: 0 }
const file = (etag: string | null): Found => ({
  kind: 'file',
  size: 1,
  modified: 1,
  inode: '1:1',
  etag,
  hash: null,
  ...attributes,
})
const path = parsePath('a')
const noted = (found: Found | undefined) => {
  const lately = createLatelyEntered()
  lately.note({ path, at: 0, found })
  return lately
}

describe('what was entered lately', () => {
  it('is known while it is the same', () => {
    expect(noted(file('"1"')).has(path, file('"1"'))).toBe(true)
    expect(noted(file('"1"')).has(path, file('"2"'))).toBe(false)
    expect(noted(file('"1"')).has(parsePath('b'), file('"1"'))).toBe(false)
    expect(noted(file('"1"')).has(path, undefined)).toBe(false)
  })

  it('is nothing that cannot be told from what it was', () => {
    expect(noted(file(null)).has(path, file(null))).toBe(false)
    expect(noted({ ...file('"1"'), kind: 'directory' }).has(path, { ...file('"1"'), kind: 'directory' })).toBe(false)
    expect(noted(undefined).has(path, undefined)).toBe(false)
  })

  it('is forgotten after thousands of others', () => {
    const lately = noted(file('"1"'))
    const others = (from: number): void => {
      for (let number = from; number < from + 5000; number++) {
        lately.note({ path: parsePath(`other/${number}`), at: 0, found: file('"1"') })
      }
    }
    others(0)
    expect(lately.has(path, file('"1"'))).toBe(true)
    others(5000)
    expect(lately.has(path, file('"1"'))).toBe(false)
  })
})
