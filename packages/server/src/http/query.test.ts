import { describe, expect, it } from 'vitest'
import { Query } from './query.ts'

describe('a parameter', () => {
  it('that is a flag is on bare, as 1 and as true, off as 0 and false, and nothing else', () => {
    for (const search of ['?zip', '?zip=', '?zip=1', '?zip=true'])
      expect(new Query(search).flag('zip'), search).toBe(true)
    for (const search of ['', '?zip=0', '?zip=false']) expect(new Query(search).flag('zip'), search).toBe(false)
    expect(() => new Query('?zip=yes').flag('zip')).toThrow("Parameter 'zip' takes true or false")
  })

  it('that is a number has bounds that the message names', () => {
    const bounds = { default: 7, min: 1, max: 10 }
    expect(new Query('').integer('limit', bounds)).toBe(7)
    expect(new Query('?limit=10').integer('limit', bounds)).toBe(10)
    for (const value of ['0', '11', '-1', '1.5', '1e1', ' 5', '', 'x', '9'.repeat(20)]) {
      expect(() => new Query(`?limit=${value}`).integer('limit', bounds), value).toThrow(
        "Parameter 'limit' takes a whole number from 1 to 10",
      )
    }
  })

  it('that is a choice names the choices', () => {
    expect(new Query('?sort=size').choice('sort', ['name', 'size'])).toBe('size')
    expect(new Query('').choice('sort', ['name', 'size'])).toBeUndefined()
    expect(() => new Query('?sort=colour').choice('sort', ['name', 'size'])).toThrow('one of name, size')
  })
})
