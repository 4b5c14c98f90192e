import { Worker } from 'node:worker_threads'

/** What an attack goes on beside. */
export interface Swapping {
  /** How often it has happened so far. */
  readonly count: () => number
}

/**
 * Lets a thread do something over and over, as fast as it can, while `attack` runs.
 * @param step JavaScript for one time; it has `fs`, and what is in `given` by its name in there
 * @returns how often it did
 */
export async function whileThread(
  step: string,
  given: Readonly<Record<string, unknown>>,
  attack: (swapping: Swapping) => Promise<void>,
): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const program = `
    const { workerData: { given, shared } } = require('node:worker_threads')
    const fs = require('node:fs')
    const { ${Object.keys(given).join(', ')} } = given
    while (Atomics.load(shared, 0) === 0) {
      ${step}
      Atomics.add(shared, 1, 1)
    }
  `
  const worker = new Worker(program, { eval: true, workerData: { given, shared } })
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('exit', () => resolve())
    worker.once('error', reject)
  })
  const count = (): number => Atomics.load(shared, 1)
  try {
    await attack({ count })
  } finally {
    Atomics.store(shared, 0, 1)
    // What is wrong with the attack is said first.
    await ended.catch(() => undefined)
  }
  await ended
  return count()
}

/** Milliseconds after which it is not to be hoped that there will be enough. */
const patience = 20_000

/**
 * Runs `step` over and over: for so many milliseconds, and then until there is enough of everything, however seldom the machine lets
 * one of the threads run.
 */
export async function until(duration: number, isEnough: () => boolean, step: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  const passed = (): number => performance.now() - start
  while (passed() < duration || (!isEnough() && passed() < patience)) await step()
}
