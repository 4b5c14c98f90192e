import { describe, expect, it } from 'vitest'
import { duration, parseDuration } from './duration.ts'

describe('a duration in seconds', () => {
  it.each([
    ['60', 60],
    ['0', 0],
    ['4s', 4],
    ['1m30s', 90],
    ['2h', 7200],
    ['1d', 86_400],
    ['500ms', 0.5],
    ['1.5m', 90],
    [' 5M ', 300],
  ])('%j is %d', (text, seconds) => {
    expect(parseDuration(text)).toBeCloseTo(seconds, 9)
  })

  it.each(['', 's', '1x', '-1', '1m x', '1 m', '5s5', '1.5'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('may be a number, and has bounds', () => {
    expect(duration().parse(60)).toBe(60)
    const week = duration({ minimum: 1, maximum: 604_800 })
    expect(week.parse('604800')).toBe(604_800)
    expect(week.safeParse(0).success).toBe(false)
    expect(week.safeParse('2w').error?.issues[0]?.message).toContain('from 1 to 604800')
    expect(duration().safeParse(true).success).toBe(false)
  })
})
