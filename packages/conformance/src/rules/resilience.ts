import { expect } from 'vitest'
import { expectRejection, readBytes } from '../ask.ts'
import { largest, paths, sampleBytes, sizedPath } from '../gallery.ts'
import type { Control, Fault, SeenRequest } from '../harness.ts'
import { type Rule, rule, type Stage } from '../rule.ts'
import { expectNothingOpen } from './abort.ts'

const always = 1000
/** What is remembered would hide the fault. */
const fresh = { fresh: true }

/** Reasons to skip: the harness cannot cause the fault, or the number of tries makes the rule meaningless. */
const unlessCaused = (kind: Fault['kind'], tries: 'any' | 'several' = 'any') => ({
  unless: ({ control }: Stage): string | undefined => {
    if (!control.fail || !control.faults?.includes(kind)) return `the harness cannot cause the fault '${kind}'`
    return tries === 'several' && attemptsOf(control) < 2 ? 'the driver is connected without retries' : undefined
  },
})

const attemptsOf = ({ attempts = 1 }: Control): number => attempts

export const resilienceRules: readonly Rule[] = [
  rule(
    'a call that is throttled once comes through',
    unlessCaused('throttled', 'several'),
    async (driver, { control }) => {
      await during(control, { kind: 'throttled', retryAfter: 0 }, 1, async () => {
        expect(await driver.stat(paths.hello, fresh)).toMatchObject({ kind: 'file' })
      })
    },
  ),
  rule('a call that stays throttled rejects with Throttled', unlessCaused('throttled'), async (driver, { control }) => {
    await during(control, { kind: 'throttled', retryAfter: 0 }, always, async () => {
      const error = await expectRejection(driver.stat(paths.hello, fresh), 'Throttled')
      expect(error.fate).not.toBe('permanent')
      expect(error.retryAfter).toBe(0)
    })
  }),
  rule(
    'a vendor that is out of order is asked once for each try, not more',
    unlessCaused('unavailable'),
    async (driver, { control }) => {
      const requests = await during(control, { kind: 'unavailable' }, always, async () => {
        const error = await expectRejection(driver.stat(paths.hello, fresh), 'Unavailable')
        expect(error.fate).not.toBe('permanent')
      })
      if (control.requests) expect(requests).toHaveLength(attemptsOf(control))
    },
  ),
  rule('a driver recovers once the vendor does', unlessCaused('unavailable'), async (driver, { control }) => {
    await during(control, { kind: 'unavailable' }, always, () =>
      expectRejection(driver.list(paths.nested, fresh), 'Unavailable'),
    )
    expect((await driver.list(paths.nested)).items.length).toBeGreaterThan(0)
  }),
  rule('a body that breaks never passes for a whole one', unlessCaused('broken-body'), async (driver, stage) => {
    await during(stage.control, { kind: 'broken-body', after: 100_000 }, 1, async () => {
      const outcome = await readBytes(driver, sizedPath(largest)).catch((error: unknown) => error)
      if (outcome instanceof Uint8Array) expect(Buffer.compare(outcome, sampleBytes(largest))).toBe(0)
    })
    await expectNothingOpen(stage)
  }),
  rule(
    'a body that breaks is taken up again where it broke',
    unlessCaused('broken-body', 'several'),
    async (driver, { control }) => {
      const requests = await during(control, { kind: 'broken-body', after: 100_000 }, 1, async () => {
        expect(Buffer.compare(await readBytes(driver, sizedPath(largest)), sampleBytes(largest))).toBe(0)
      })
      if (control.requests) expect(offsets(requests)).toEqual([0, 100_000])
    },
  ),
  rule(
    'a broken range is taken up again inside the range',
    unlessCaused('broken-body', 'several'),
    async (driver, { control }) => {
      const range = { start: 200_000, end: 900_000 }
      const requests = await during(control, { kind: 'broken-body', after: 100_000 }, 1, async () => {
        const bytes = await readBytes(driver, sizedPath(largest), { range })
        expect(Buffer.compare(bytes, sampleBytes(largest).subarray(range.start, range.end))).toBe(0)
      })
      if (control.requests) expect(offsets(requests)).toEqual([200_000, 300_000])
    },
  ),
  rule(
    'an expired token is renewed and the caller sees nothing of it',
    unlessCaused('expired-token'),
    async (driver, { control }) => {
      await during(control, { kind: 'expired-token' }, 1, async () => {
        expect(await driver.stat(paths.hello, fresh)).toMatchObject({ kind: 'file' })
      })
    },
  ),
]

/** The requests that were seen while `work` ran against the fault; afterwards the vendor is well again. */
async function during(
  control: Control,
  fault: Fault,
  times: number,
  work: () => Promise<unknown>,
): Promise<readonly SeenRequest[]> {
  control.requests?.()
  control.fail?.(fault, times)
  try {
    await work()
  } finally {
    control.fail?.(fault, 0)
  }
  return control.requests?.() ?? []
}

/** Where the reads started; other requests, such as those that renew a token, have no offset. */
function offsets(requests: readonly SeenRequest[]): number[] {
  return requests.flatMap(({ offset }) => (offset === undefined ? [] : [offset]))
}
