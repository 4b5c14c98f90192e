import { expect, test } from 'vitest'
import { restartDelay } from './restart-delay.ts'

test('waits longer each time, half a minute at most, and starts anew after a calm minute', () => {
  let now = 0
  const delay = restartDelay(() => now)
  const delays = Array.from({ length: 11 }, () => delay())
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  now += 61_000
  expect(delay()).toBe(100)
})
