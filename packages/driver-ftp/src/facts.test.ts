import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFacts, parseTime, printTime } from './facts.ts'

describe('a line of MLSD', () => {
  it('tells the name with all its spaces, the kind, the size and the time', () => {
    expect(parseFacts('type=file;size=12;modify=20210506070809.5;  a = b; c ')).toEqual({
      name: ' a = b; c ',
      kind: 'file',
      size: 12,
      modified: Date.UTC(2021, 4, 6, 7, 8, 9, 500),
    })
    expect(parseFacts('Type=dir;Modify=20210506070809; x')).toMatchObject({ kind: 'directory', size: undefined })
    expect(parseFacts('Type=OS.unix=slink:/etc; x')).toMatchObject({ kind: 'link' })
    expect(parseFacts('type=cdir; .')).toMatchObject({ kind: 'self' })
    for (const line of ['', 'nonsense', 'size=1; no type']) expect(parseFacts(line)).toBeUndefined()
  })

  it('is read whatever a server sends, and keeps any name', () => {
    const line = fc.string()
    fc.assert(
      fc.property(line, (text) => {
        parseFacts(text)
        expect(parseFacts(`type=file; ${text}`)?.name).toBe(text)
      }),
    )
  })
})

it('a time comes back to the second', () => {
  const range = { min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }
  fc.assert(
    fc.property(fc.date(range), (date) => {
      expect(parseTime(printTime(date.getTime()))).toBe(Math.floor(date.getTime() / 1000) * 1000)
    }),
  )
})
