import { member } from './member.ts'

/**
 * What an error of the API is about, as in `path/conflict/folder`. Errors are unions that hold their tag under `.tag`, and what
 * more there is under that name; in structures it is under `reason`. The summary says the same, with dots at its end.
 */
export function tagsOf(error: unknown): string {
  const answer = member(error, 'error')
  const tags = [...tagsIn(member(answer, 'error'))].join('/')
  if (tags !== '') return tags
  const summary = member(answer, 'error_summary')
  return typeof summary === 'string' ? summary.replace(/[./]+$/, '') : ''
}

function* tagsIn(union: unknown, depth = 8): Generator<string> {
  const tag = member(union, '.tag')
  if (typeof tag !== 'string' || depth === 0) return
  yield tag
  yield* tagsIn(member(union, tag) ?? member(union, 'reason'), depth - 1)
}

/** What the innermost union holds besides its tag, such as the offset that is right. */
export function innermost(error: unknown): unknown {
  let union = member(member(error, 'error'), 'error')
  for (let depth = 0; depth < 8; depth++) {
    const tag = member(union, '.tag')
    const next = typeof tag === 'string' ? (member(union, tag) ?? member(union, 'reason')) : undefined
    if (typeof next !== 'object' || next === null) break
    union = next
  }
  return union
}
