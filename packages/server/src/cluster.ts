import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { siblingModule } from '@filegate/core'
import { CommandError } from './cli/command-error.ts'
import type { FromWorker, ToWorker } from './cluster-messages.ts'
import { restartDelay } from './restart-delay.ts'
import { createSharedLocks } from './writing/shared-locks.ts'
import type { Settings } from './settings.ts'
import type { RunningServer } from './start.ts'

/** Beyond the grace that a worker has to end, before it is killed. Milliseconds. */
const killAfter = 2_000

/**
 * The server as several processes that share its addresses. A worker that dies is replaced, after a pause that grows when
 * they keep dying.
 * @throws CommandError when the workers cannot start.
 */
export async function startCluster(settings: Settings): Promise<RunningServer> {
  cluster.setupPrimary({ exec: fileURLToPath(siblingModule(import.meta.url, './cluster-worker')), args: [] })
  // Whatever ends this process, no worker outlives it.
  process.on('exit', () => killAll('SIGKILL'))
  const { recover } = await import('./start.ts')
  await recover(settings)
  const locks = createSharedLocks()
  cluster.on('message', (worker, message: FromWorker) => {
    const answer = 'hold' in message || 'release' in message ? locks.answer(worker.id, message) : undefined
    if (answer) tell(worker, answer)
  })
  const started = Array.from({ length: settings.workers }, () => startWorker(settings))
  const [addresses = []] = await Promise.all(started)
  const delay = restartDelay(() => performance.now())
  let ending = false
  cluster.on('exit', (worker, code, signal) => {
    // Nobody changes what it was changing before that is put right.
    void recover(settings)
      .catch((error: unknown) => say(error instanceof Error ? error.message : String(error)))
      .finally(() => locks.free(worker.id))
    if (ending) return
    const pause = delay()
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`
    say(`worker ${worker.process.pid} ${how}; another one starts in ${pause / 1000} s`)
    setTimeout(() => {
      if (!ending)
        startWorker(settings).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)))
    }, pause)
  })
  return {
    addresses,
    async close(grace) {
      ending = true
      await endWorkers(grace)
    },
    reloadCertificate: () => killAll('SIGHUP'),
  }
}

/** Resolves with the addresses once the worker listens. */
function startWorker(settings: Settings): Promise<readonly string[]> {
  const worker = cluster.fork()
  tell(worker, { start: settings })
  return new Promise((resolve, reject) => {
    const heard = (message: FromWorker): void => {
      // It may change something by itself before it listens.
      if ('hold' in message || 'release' in message) return
      worker.off('message', heard)
      if ('addresses' in message) return resolve(message.addresses)
      reject(new CommandError(1, message.problem))
      worker.process.kill('SIGKILL')
    }
    worker.on('message', heard)
    worker.once('exit', (code, signal) =>
      reject(new CommandError(1, `a worker ended at its start (${signal ?? code})`)),
    )
  })
}

async function endWorkers(grace: number): Promise<void> {
  const ended = workers().map((worker) => {
    tell(worker, { endWithin: grace })
    return new Promise((resolve) => worker.once('exit', resolve))
  })
  const late = setTimeout(() => killAll('SIGKILL'), grace + killAfter)
  await Promise.all(ended)
  clearTimeout(late)
}

const workers = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)

function killAll(signal: NodeJS.Signals): void {
  for (const worker of workers()) worker.process.kill(signal)
}

/** A worker that is dying cannot be told anything, and its exit says the rest. */
function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {})
}

function say(message: string): void {
  process.stderr.write(`filegate: ${message}\n`)
}
