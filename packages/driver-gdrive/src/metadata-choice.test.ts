import { describe, expect, it } from 'vitest'
import { metadataChoice } from './metadata-choice.ts'

const choice = (read: boolean, write: boolean, failok: boolean) => ({ read, write, failok })

describe('what to do with metadata', () => {
  it.each([
    ['off', choice(false, false, false)],
    ['', choice(false, false, false)],
    ['0', choice(false, false, false)],
    [1, choice(true, false, false)],
    ['read,write', choice(true, true, false)],
    [' Write , failok', choice(false, true, true)],
    ['7', choice(true, true, true)],
    [undefined, choice(true, false, false)],
  ])('%j is understood', (said, meaning) => {
    expect(metadataChoice('1').parse(said)).toEqual(meaning)
  })

  it.each(['8', 'reed', 'toString', '-1', 'read write'])('%j is refused', (said) => {
    expect(metadataChoice('1').safeParse(said).error?.issues[0]?.message).toContain('read, write and failok')
  })
})
