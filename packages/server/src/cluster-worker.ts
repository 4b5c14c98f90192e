import type { FromWorker, ToWorker } from './cluster-messages.ts'
import { useCompileCache } from './compile-cache.ts'
import type { Settings } from './settings.ts'
import type { RunningServer } from './start.ts'
import { keepYoungGenerationSmall } from './young-generation.ts'

useCompileCache()

let server: RunningServer | undefined
let ending = false

process.on('message', (message: ToWorker) => {
  if ('start' in message) void start(message.start)
  else if ('endWithin' in message) void end(message.endWithin)
})

async function start(settings: Settings): Promise<void> {
  // Ctrl-C reaches the whole group of processes; what is to happen then is for the first process to say.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => void end(settings.grace * 1000))
  process.on('SIGHUP', reload)
  try {
    const { startServer } = await import('./start.ts')
    keepYoungGenerationSmall()
    const { locksOfWorker } = await import('./writing/shared-locks.ts')
    const locks = locksOfWorker({ send: tell, onMessage: (listener) => void process.on('message', listener) })
    server = await startServer(settings, { locks })
    tell({ addresses: server.addresses })
  } catch (error) {
    const { startProblem } = await import('./cli/start-problem.ts')
    tell({ problem: startProblem(error)?.message ?? describe(error) })
  }
}

async function end(grace: number): Promise<void> {
  if (ending) return
  ending = true
  await server?.close(grace)
  process.exit(0)
}

function reload(): void {
  try {
    server?.reloadCertificate()
  } catch (error) {
    process.stderr.write(`filegate: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function tell(message: FromWorker): void {
  process.send?.(message)
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
