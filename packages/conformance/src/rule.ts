import { can, type DriverWith, type OptionalMethod, type StorageDriver, type StoragePath } from '@filegate/core'
import type { AwkwardName } from './gallery.ts'
import type { Control, Seed } from './harness.ts'

/** What the rules play on. */
export interface Stage {
  readonly driver: StorageDriver
  readonly seeds: readonly Seed[]
  /** The awkward names that were seeded: those that no exception takes out. */
  readonly names: readonly AwkwardName[]
  readonly control: Control
  /** A path where nothing stands, another at each call. */
  freshPath(): StoragePath
}

export interface Rule {
  /** A sentence that is true of every driver; it names the rule in exceptions. */
  readonly title: string
  /** Why the rule says nothing about this driver, if so. */
  irrelevant(stage: Stage): string | undefined
  check(stage: Stage): Promise<void>
}

export interface RuleNeeds<M extends OptionalMethod> {
  /** Methods without which the rule is skipped. */
  readonly needs?: readonly M[] | undefined
  /** The reason to skip the rule, if there is one. */
  readonly unless?: ((stage: Stage) => string | undefined) | undefined
}

export function rule<M extends OptionalMethod = never>(
  title: string,
  { needs = [], unless }: RuleNeeds<M>,
  check: (driver: DriverWith<M>, stage: Stage) => Promise<void>,
): Rule {
  return {
    title,
    irrelevant(stage) {
      const missing = needs.find((method) => !can(stage.driver, method))
      return missing ? `the driver has no ${missing}` : unless?.(stage)
    },
    async check(stage) {
      if (can(stage.driver, ...needs)) await check(stage.driver, stage)
    },
  }
}

/** For `unless`: rules that speak of directories which exist by themselves. */
export function impliedDirectories({ driver }: Stage): string | undefined {
  return driver.traits.directories === 'implied' ? 'directories exist only as prefixes of keys' : undefined
}
