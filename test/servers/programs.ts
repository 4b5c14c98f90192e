import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { accessSync, constants, createWriteStream } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
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

/** Ports of loopback that nobody uses at the moment, different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      await new Promise((resolve) => server.close(resolve))
      if (typeof address !== 'object' || address === null) throw new Error('There is no port.')
      return address.port
    }),
  )
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

/** Programs that keep running until they are ended. */
export function family(logFolder: string) {
  const children: ChildProcess[] = []
  // A test process that dies takes its servers with it.
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL')
  })
  return {
    begin(program: string, args: readonly string[], extra: Record<string, string> = {}): void {
      const child = spawn(program, [...args], { env: { ...environment, ...extra }, stdio: ['ignore', 'pipe', 'pipe'] })
      const log = createWriteStream(join(logFolder, `${program}.out`), { flags: 'a' })
      child.stdout.pipe(log, { end: false })
      child.stderr.pipe(log, { end: false })
      children.push(child)
    },
    /** Ends them, those that were begun last first. */
    async end(): Promise<void> {
      for (const child of children.reverse()) {
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

/** Waits until something answers over HTTP, whatever it says. */
export async function answering(url: string, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(2000) })
      return
    } catch (error) {
      if (Date.now() > end) throw new Error(`${url} did not begin to answer.`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}
