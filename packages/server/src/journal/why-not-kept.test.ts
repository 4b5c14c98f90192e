import { parsePath } from '@filegate/core'
import { expect, it } from 'vitest'
import { blank } from './blank.ts'
import type { JournalEntry } from './entry.ts'
import { whyNotKept, withoutContent } from './why-not-kept.ts'

const entry: JournalEntry = {
  ...blank({ path: parsePath('a'), at: 0 }),
  ...({ id: 1, seq: 1, line: 1, shift: 0, op: 'write', after: 'ab', size_after: 5 } as const),
}

it('tells why a content is not kept', () => {
  const why = (changes: Partial<JournalEntry>): string => whyNotKept({ ...entry, ...changes }, 10)
  expect(why({ size_after: 11 })).toBe('file exceeded journal size limit')
  expect(why({ op: 'delete', after: null, before: 'ab', size_after: null, size_before: 11 })).toBe(
    'file exceeded journal size limit',
  )
  expect(why({ reason: withoutContent('by another program') })).toContain('no room')
  expect(why({ reason: withoutContent(undefined) })).toContain('no room')
  expect(why({ after: null })).toContain('could not be read')
  expect(why({})).toContain('kept no longer')
})
