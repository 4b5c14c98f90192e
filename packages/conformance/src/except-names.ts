import type { Exception } from './harness.ts'
import { nameRuleTitle } from './rules/names.ts'

/**
 * The rules about awkward names that a storage cannot keep because it has no such names.
 *
 * @param labels what the suite calls them: 'a colon' stands for 'a name with a colon stays as it is'
 */
export const exceptNames = (labels: readonly string[], reason: string): Exception[] =>
  labels.map((label) => ({ test: nameRuleTitle({ label }), reason }))
