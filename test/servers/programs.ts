import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A server that a test started. */
export interface StartedServer {
  readonly endpoint: string
  readonly key: string
  readonly secret: string
  stop(): Promise<void>
}

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

function isInstalled(program: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Why a test cannot run here: the Debian packages that its programs are in. `undefined` when all are there. */
export function missingPrograms(packageOf: Readonly<Record<string, string>>): string | undefined {
  const missing = Object.keys(packageOf).filter((program) => !isInstalled(program))
  const packages = new Set(missing.map((program) => packageOf[program]))
  return missing.length === 0 ? undefined : `${missing.join(', ')} missing (apt-get install ${[...packages].join(' ')})`
}

/** Below those that systems give by themselves to whoever connects to something, in the time before a server takes its own. */
const [firstPort, portCount] = [10_000, 10_000]
const given = new Set<number>()

/** Ports of loopback that nobody uses at the moment, different ones, and none that was given out before. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    if (given.size === portCount) throw new Error('There is no port left.')
    const port = firstPort + randomInt(portCount)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Settings of this machine for other clients of S3 are none of the tests' business. */
const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
const environment = { ...Object.fromEntries(own), PATH: folders.join(delimiter) }
const execute = promisify(execFile)

/** Runs a program to its end. @returns what it printed */
export async function run(program: string, args: readonly string[], extra: Record<string, string> = {}, cwd?: string) {
  const { stdout } = await execute(program, [...args], {
    env: { ...environment, ...extra },
    maxBuffer: 64 * 1_048_576,
    ...(cwd !== undefined && { cwd }),
  })
  return stdout
}

/** As `process.exit`, which vitest does not let anybody call while tests run. */
function leave(): void {
  process.emit('exit', 143)
  process.kill(process.pid, 'SIGTERM')
}

/** Programs that keep running until they are ended. What they print is kept in the folder. */
export function family(logFolder: string) {
  const children: ChildProcess[] = []
  let isEnding = false
  let failure: Error | undefined
  const logOf = (program: string): string => join(logFolder, `${program}.out`)
  // A test process that ends takes its servers with it, when vitest ends it, too.
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL')
  })
  if (process.listenerCount('SIGTERM', leave) === 0) process.once('SIGTERM', leave)

  /** Tries until it works. A program that ends meanwhile will never be ready. */
  async function ready(what: string, seconds: number, attempt: () => Promise<unknown>): Promise<void> {
    const end = performance.now() + seconds * 1000
    for (;;) {
      if (failure) throw failure
      try {
        await attempt()
        // Somebody else may have answered at a port that ours did not get.
        if (failure) throw failure
        return
      } catch (error) {
        if (performance.now() > end) throw new Error(`${what} did not begin to answer.`, { cause: error })
        await sleep(100)
      }
    }
  }

  return {
    begin(program: string, args: readonly string[], extra: Record<string, string> = {}): void {
      const log = openSync(logOf(program), 'a')
      const child = spawn(program, [...args], { env: { ...environment, ...extra }, stdio: ['ignore', log, log] })
      closeSync(log)
      const over = (reason: unknown): void => {
        if (isEnding) return
        const said = readFileSync(logOf(program), 'utf8').slice(-2000)
        failure ??= new Error(`${program} ended by itself (${String(reason)}): ${said}`)
      }
      child.once('error', over)
      child.once('exit', (code, signal) => over(signal ?? code))
      if (child.pid !== undefined) children.push(child)
    },
    /** Waits until something answers over HTTP, whatever it says. */
    answering: (url: string, seconds: number): Promise<void> =>
      ready(url, seconds, async () => {
        const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) })
        await answer.body?.cancel()
      }),
    /** Waits until something takes connections. */
    listening: (port: number, seconds: number): Promise<void> =>
      ready(`Port ${port}`, seconds, async () => {
        const socket = connect(port, '127.0.0.1')
        try {
          await once(socket, 'connect')
        } finally {
          socket.destroy()
        }
      }),
    /** Ends them, those that were begun last first. */
    async end(): Promise<void> {
      isEnding = true
      for (const child of children.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const over = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        const late = setTimeout(() => child.kill('SIGKILL'), 3000)
        await over
        clearTimeout(late)
      }
    },
  }
}

/** Removes a folder of programs that have ended. What they began themselves may still be at its end. */
export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
