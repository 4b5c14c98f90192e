import { spawnSync } from 'node:child_process'

/** One line of the report: how filegate did beside one peer, in the same run. */
export interface Ratio {
  readonly work: string
  readonly peer: string
  /** Medians, in `unit`. */
  readonly ours: number
  readonly theirs: number
  readonly unit: string
  /** `higher`: requests or bytes a second. `lower`: time. */
  readonly better: 'higher' | 'lower'
  /** ours / theirs must reach this, and is hoped to reach that. */
  readonly floor: number
  readonly reach: number
}

/** A comparison, or why it cannot be made here. */
export type Outcome = Ratio | { readonly work: string; readonly skipped: string }

export interface Work {
  readonly name: string
  run(rounds: number): Promise<Outcome[]>
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/**
 * Runs each measurement once to warm up and then `rounds` times in turn, so that a machine that slows down slows down
 * all of them, and returns the medians.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  measurements: Readonly<Record<Name, () => Promise<number> | number>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(measurements) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const value = await measurements[name]()
      if (round > 0) values[name].push(value)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(values[name])])) as Record<Name, number>
}

/** Milliseconds that `action` takes. */
export async function timed(action: () => unknown): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}

/** Milliseconds that a program takes from start to end; what it prints is thrown away. */
export function timedProgram(command: string, args: readonly string[], cwd?: string): number {
  const start = performance.now()
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (result.error) throw result.error
  return performance.now() - start
}

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0
}
