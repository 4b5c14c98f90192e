import type { Conditions, ErrorCode, StorageDriver } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection, readText } from '../ask.ts'
import { helloText, paths } from '../gallery.ts'
import { type Rule, rule, type Stage } from '../rule.ts'

/** An entry as far as conditions speak of it. */
interface Current {
  readonly etag: string
  readonly modified: number
}

interface Case {
  readonly title: string
  readonly uses: readonly (keyof Conditions)[]
  readonly conditions: (current: Current) => Conditions
  /** Absent when the read succeeds. */
  readonly rejects?: ErrorCode
}

const hour = 3_600_000
const other = '"another-etag"'

const cases: readonly Case[] = [
  {
    title: 'if-match with the etag of the file reads it',
    uses: ['ifMatch'],
    conditions: ({ etag }) => ({ ifMatch: [etag] }),
  },
  {
    title: 'if-match with the etag of the file among others reads it',
    uses: ['ifMatch'],
    conditions: ({ etag }) => ({ ifMatch: [other, etag] }),
  },
  {
    title: 'if-match with another etag rejects with PreconditionFailed',
    uses: ['ifMatch'],
    conditions: () => ({ ifMatch: [other] }),
    rejects: 'PreconditionFailed',
  },
  {
    title: 'if-match with a weak etag rejects with PreconditionFailed',
    uses: ['ifMatch'],
    conditions: ({ etag }) => ({ ifMatch: [`W/${etag}`] }),
    rejects: 'PreconditionFailed',
  },
  {
    title: 'if-none-match with the etag of the file rejects with NotModified',
    uses: ['ifNoneMatch'],
    conditions: ({ etag }) => ({ ifNoneMatch: [etag] }),
    rejects: 'NotModified',
  },
  {
    title: 'if-none-match with the weak form of the etag rejects with NotModified',
    uses: ['ifNoneMatch'],
    conditions: ({ etag }) => ({ ifNoneMatch: [`W/${etag}`] }),
    rejects: 'NotModified',
  },
  {
    title: 'if-none-match with another etag reads the file',
    uses: ['ifNoneMatch'],
    conditions: () => ({ ifNoneMatch: [other] }),
  },
  {
    title: 'if-modified-since with an earlier time reads the file',
    uses: ['ifModifiedSince'],
    conditions: ({ modified }) => ({ ifModifiedSince: modified - hour }),
  },
  {
    title: 'if-modified-since with the time of the file rejects with NotModified',
    uses: ['ifModifiedSince'],
    conditions: ({ modified }) => ({ ifModifiedSince: modified }),
    rejects: 'NotModified',
  },
  {
    title: 'if-unmodified-since with a later time reads the file',
    uses: ['ifUnmodifiedSince'],
    conditions: ({ modified }) => ({ ifUnmodifiedSince: modified + hour }),
  },
  {
    title: 'if-unmodified-since with an earlier time rejects with PreconditionFailed',
    uses: ['ifUnmodifiedSince'],
    conditions: ({ modified }) => ({ ifUnmodifiedSince: modified - hour }),
    rejects: 'PreconditionFailed',
  },
  {
    title: 'if-none-match outranks if-modified-since',
    uses: ['ifNoneMatch', 'ifModifiedSince'],
    conditions: ({ modified }) => ({ ifNoneMatch: [other], ifModifiedSince: modified + hour }),
  },
  {
    title: 'if-match outranks if-unmodified-since',
    uses: ['ifMatch', 'ifUnmodifiedSince'],
    conditions: ({ etag, modified }) => ({ ifMatch: [etag], ifUnmodifiedSince: modified - hour }),
  },
]

export const conditionRules: readonly Rule[] = [
  ...cases.map(({ title, uses, conditions, rejects }) =>
    rule(title, { unless: (stage) => evaluatedElsewhere(stage, uses) }, async (driver) => {
      const reading = { conditions: conditions(await currentOf(driver)) }
      if (rejects) await expectRejection(driver.read(paths.hello, reading), rejects)
      else expect(await readText(driver, paths.hello, reading)).toBe(helloText)
    }),
  ),
  rule(
    'a missing path rejects with NotFound, whatever the conditions',
    { unless: (stage) => evaluatedElsewhere(stage, ['ifNoneMatch']) },
    async (driver) => {
      await expectRejection(driver.read(paths.missing, { conditions: { ifNoneMatch: [other] } }), 'NotFound')
    },
  ),
]

function evaluatedElsewhere({ driver }: Stage, uses: readonly (keyof Conditions)[]): string | undefined {
  const missing = uses.find((condition) => !driver.traits.conditions.includes(condition))
  return missing && `the storage does not evaluate ${missing}`
}

async function currentOf(driver: StorageDriver): Promise<Current> {
  const entry = await driver.stat(paths.hello)
  if (entry.kind !== 'file') throw new Error('not a file')
  return { etag: entry.etag ?? '""', modified: entry.modified ?? 0 }
}
