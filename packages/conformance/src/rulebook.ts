import type { Rule } from './rule.ts'
import { abortRules } from './rules/abort.ts'
import { changesRules } from './rules/changes.ts'
import { copyRules, makeDirectoryRules, moveRules, removeRules } from './rules/change.ts'
import { concurrencyRules } from './rules/concurrency.ts'
import { conditionRules } from './rules/conditions.ts'
import { errorRules } from './rules/errors.ts'
import { hashRules } from './rules/hash.ts'
import { listRules } from './rules/list.ts'
import { nameRules } from './rules/names.ts'
import { rangeRules } from './rules/range.ts'
import { readRules } from './rules/read.ts'
import { resilienceRules } from './rules/resilience.ts'
import { statRules } from './rules/stat.ts'
import { walkRules } from './rules/walk.ts'
import { writeRules } from './rules/write.ts'

/** Every rule, by what it is about. */
export const rulebook: Readonly<Record<string, readonly Rule[]>> = {
  stat: statRules,
  list: listRules,
  read: readRules,
  range: rangeRules,
  conditions: conditionRules,
  walk: walkRules,
  hash: hashRules,
  write: writeRules,
  remove: removeRules,
  makeDirectory: makeDirectoryRules,
  copy: copyRules,
  move: moveRules,
  names: nameRules,
  changes: changesRules,
  errors: errorRules,
  abort: abortRules,
  concurrency: concurrencyRules,
  resilience: resilienceRules,
}
