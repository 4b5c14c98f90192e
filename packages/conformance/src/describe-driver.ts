import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awkwardNames, gallery } from './gallery.ts'
import type { Exception, Harness } from './harness.ts'
import type { Rule, Stage } from './rule.ts'
import { nameRuleTitle } from './rules/names.ts'
import { rulebook } from './rulebook.ts'

export interface DescribeOptions {
  /** Rules that do not hold for this driver, each with the reason. One that names no rule fails the suite. */
  readonly except?: readonly Exception[] | undefined
}

/** Registers, with vitest, the suite that every driver passes. */
export function describeDriver(name: string, harness: Harness, { except = [] }: DescribeOptions = {}): void {
  const reasons = new Map(except.map(({ test, reason }) => [test, reason]))
  const skipped = new Map<string, string[]>()

  describe(`the contract, kept by ${name}`, () => {
    let stage: Stage | undefined

    beforeAll(async () => {
      stage = await setStage(harness, reasons)
    })

    afterAll(async () => {
      printSkipped(name, skipped)
      try {
        await stage?.driver.close?.()
      } finally {
        await harness.close?.()
      }
    })

    it('every exception names a rule and has a reason', () => {
      expect(flawedExceptions(except)).toEqual([])
    })

    for (const [verb, rules] of Object.entries(rulebook)) {
      describe(verb, () => {
        for (const rule of rules) {
          it(rule.title, async ({ skip }) => {
            if (!stage) throw new Error('The harness did not connect.')
            const reason = reasons.get(rule.title) ?? rule.irrelevant(stage)
            if (reason !== undefined) {
              skipped.set(reason, [...(skipped.get(reason) ?? []), rule.title])
              skip(reason)
            }
            await rule.check(stage)
          })
        }
      })
    }
  })
}

/** Seeds and connects. Names that `reasons` takes exception to are not seeded. */
export async function setStage(harness: Harness, reasons: ReadonlyMap<string, string> = new Map()): Promise<Stage> {
  const names = awkwardNames.filter((name) => !reasons.has(nameRuleTitle(name)))
  const seeds = gallery(names, harness.siblings ?? 1100)
  await harness.seed(seeds)
  const driver = await harness.connect()
  let places = 0
  return {
    driver,
    seeds,
    names,
    control: harness.control ?? {},
    freshPath: () => parsePath(`scratch/place-${++places}`),
  }
}

/** What is wrong with the exceptions, one sentence each. */
export function flawedExceptions(except: readonly Exception[]): string[] {
  const titles = new Set(allRules().map(({ title }) => title))
  return except.flatMap(({ test, reason }) => [
    ...(titles.has(test) ? [] : [`There is no rule '${test}'.`]),
    ...(reason.trim() === '' ? [`The exception '${test}' has no reason.`] : []),
  ])
}

export function allRules(): readonly Rule[] {
  return Object.values(rulebook).flat()
}

/** One line, because a run has many suites. Verbose reporters show each rule with its reason besides. */
function printSkipped(name: string, skipped: ReadonlyMap<string, readonly string[]>): void {
  const reasons = [...skipped].map(([reason, titles]) => `${reason} (${titles.length})`)
  if (reasons.length > 0) console.info(`${name}: rules skipped because ${reasons.join('; ')}`)
}
