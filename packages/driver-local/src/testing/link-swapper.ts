import { Worker } from 'node:worker_threads'

const program = `
  const { workerData, parentPort } = require('node:worker_threads')
  const { renameSync, symlinkSync } = require('node:fs')
  const { place, targets, running } = workerData
  const flag = new Int32Array(running)
  let swaps = 0
  while (Atomics.load(flag, 0) === 1) {
    symlinkSync(targets[++swaps % targets.length], place + '.next')
    renameSync(place + '.next', place)
  }
  parentPort.postMessage(swaps)
`

/**
 * Lets the link at `place` lead to each of `targets` in turn, as fast as a thread can, while `attack` runs. There is always a link.
 * @returns how often it was changed
 */
export async function whileRelinking(
  place: string,
  targets: readonly string[],
  attack: () => Promise<void>,
): Promise<number> {
  const running = new SharedArrayBuffer(4)
  const flag = new Int32Array(running)
  flag[0] = 1
  const worker = new Worker(program, { eval: true, workerData: { place, targets, running } })
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
