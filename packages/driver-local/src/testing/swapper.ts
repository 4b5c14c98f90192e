import { Worker } from 'node:worker_threads'

const program = `
  const { workerData, parentPort } = require('node:worker_threads')
  const { rmSync, renameSync, symlinkSync, unlinkSync } = require('node:fs')
  const { place, target, running } = workerData
  const flag = new Int32Array(running)
  let swaps = 0
  while (Atomics.load(flag, 0) === 1) {
    symlinkSync(target, place + '.link')
    renameSync(place, place + '.real')
    renameSync(place + '.link', place)
    renameSync(place, place + '.link')
    renameSync(place + '.real', place)
    unlinkSync(place + '.link')
    swaps++
  }
  parentPort.postMessage(swaps)
`

/**
 * Swaps what is at `place` for a link to `target` and back, as fast as a thread can, while `attack` runs.
 * @returns how often.
 */
export async function whileSwapping(place: string, target: string, attack: () => Promise<void>): Promise<number> {
  const running = new SharedArrayBuffer(4)
  const flag = new Int32Array(running)
  flag[0] = 1
  const worker = new Worker(program, { eval: true, workerData: { place, target, running } })
  const swaps = new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await new Promise((resolve) => worker.once('online', resolve))
  try {
    await attack()
  } finally {
    Atomics.store(flag, 0, 0)
  }
  const count = await swaps
  await worker.terminate()
  return count
}

/** Runs `step` over and over, for so many milliseconds or until it answers true. */
export async function until(duration: number, step: () => Promise<boolean | void>): Promise<void> {
  const end = performance.now() + duration
  while (performance.now() < end) if (await step()) return
}
