import { parseOptions } from '@filegate/core/options'
import { expect, it } from 'vitest'
import { options } from './options.ts'
import { paceFor, requestPace } from './pace.ts'

it.each([
  [{}, { perSecond: 10, burst: 100 }, 64],
  [{ pacer_min_sleep: 1, pacer_burst: 5 }, { perSecond: 1, burst: 5 }, 20],
  [{ pacer_min_sleep: 60 }, { perSecond: 1 / 60, burst: 100 }, 1],
])('with %j so many requests and operations may be made', (given, pace, concurrency) => {
  const parsed = parseOptions(options, given)
  expect(requestPace(parsed)).toEqual(pace)
  expect(paceFor(parsed)).toEqual({ concurrency })
})
