import type { Rule } from './rule.ts'
import { listRules } from './rules/list.ts'
import { nameRules } from './rules/names.ts'
import { rangeRules } from './rules/range.ts'
import { readRules } from './rules/read.ts'
import { statRules } from './rules/stat.ts'

/** Every rule, by what it is about. */
export const rulebook: Readonly<Record<string, readonly Rule[]>> = {
  stat: statRules,
  list: listRules,
  read: readRules,
  range: rangeRules,
  names: nameRules,
}
