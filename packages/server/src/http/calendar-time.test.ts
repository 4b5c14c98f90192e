import { describe, expect, it } from 'vitest'
import { calendarTime } from './calendar-time.ts'

describe('a date and time', () => {
  it.each([
    ['2026-05-04T12:30:00Z', Date.UTC(2026, 4, 4, 12, 30)],
    ['2026-05-04t12:30:00.5z', Date.UTC(2026, 4, 4, 12, 30) + 500],
    ['2026-05-04T00:30:00+02:00', Date.UTC(2026, 4, 3, 22, 30)],
    ['2024-02-29T12:30Z', Date.UTC(2024, 1, 29, 12, 30)],
    ['0001-01-01T00:00:00Z', Date.parse('0001-01-01')],
  ])('%s is a moment', (text, time) => {
    expect(calendarTime(text)).toBe(time)
  })

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00+02:00',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:01:00Z',
    '2026-01-01T12:60:00Z',
    '',
  ])('%s is none', (text) => {
    expect(calendarTime(text)).toBeNaN()
  })
})
