import type { StorageDriver, StoragePath } from '@filegate/core'
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

/** The methods whose presence is a capability. */
export type Method = Exclude<keyof StorageDriver, 'provider' | 'traits' | 'stat' | 'list' | 'read'>
export type DriverWith<M extends Method> = StorageDriver & Required<Pick<StorageDriver, M>>

export interface Rule {
  /** A sentence that is true of every driver; it names the rule in exceptions. */
  readonly title: string
  /** Why the rule says nothing about this driver, if so. */
  irrelevant(stage: Stage): string | undefined
  check(stage: Stage): Promise<void>
}

export interface RuleNeeds<M extends Method> {
  /** Methods without which the rule is skipped. */
  readonly needs?: readonly M[] | undefined
  /** The reason to skip the rule, if there is one. */
  readonly unless?: ((stage: Stage) => string | undefined) | undefined
}

export function rule<M extends Method = never>(
  title: string,
  { needs = [], unless }: RuleNeeds<M>,
  check: (driver: DriverWith<M>, stage: Stage) => Promise<void>,
): Rule {
  return {
    title,
    irrelevant(stage) {
      const missing = needs.find((method) => !hasMethods(stage.driver, [method]))
      return missing ? `the driver has no ${missing}` : unless?.(stage)
    },
    async check(stage) {
      if (hasMethods(stage.driver, needs)) await check(stage.driver, stage)
    },
  }
}

function hasMethods<M extends Method>(driver: StorageDriver, methods: readonly M[]): driver is DriverWith<M> {
  return methods.every((method) => typeof driver[method] === 'function')
}

/** For `unless`: rules that speak of directories which exist by themselves. */
export function impliedDirectories({ driver }: Stage): string | undefined {
  return driver.traits.directories === 'implied' ? 'directories exist only as prefixes of keys' : undefined
}
