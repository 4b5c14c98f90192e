import { allFlags, environmentName, type Flag } from './flags.ts'
import type { Given, GivenValues } from './given.ts'

/** Reads `FILEGATE_*`. A switch that is set to nothing is left alone; other flags can be emptied that way. */
export function readEnvironment(variables: NodeJS.ProcessEnv, folder: string): GivenValues {
  const values = new Map<Flag, Given>()
  for (const [flagName, flag] of allFlags) {
    const name = environmentName(flagName)
    const value = variables[name]
    if (value === undefined || flag.onlyTyped) continue
    if (value === '' && flag.argument !== 'format') continue
    values.set(flag, { value, name, folder })
  }
  return values
}
