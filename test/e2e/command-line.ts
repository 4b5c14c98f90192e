import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

interface Surroundings {
  readonly folder?: string | undefined
  readonly variables?: Readonly<Record<string, string>> | undefined
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
  readonly errors: string
}

export interface Started {
  /** As printed: `http://127.0.0.1:41234`. */
  readonly addresses: readonly string[]
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  readonly output: () => string
  readonly errors: () => string
}

const running = new Map<ChildProcess, Promise<Ended>>()

/** For after each test: no server outlives its test, nor do its workers. What they wrote to stays as it is from then on. */
export async function killStarted(): Promise<void> {
  for (const child of running.keys()) child.kill('SIGKILL')
  // Workers have the same standard output, which is closed only when all of them are gone.
  await Promise.all(running.values())
}

/** The program as a user types it, run from source, without the settings of whoever runs the tests. */
function launch(args: readonly string[], { folder, variables }: Surroundings) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('FILEGATE_'))
  const child = spawn(process.execPath, ['--conditions=@filegate/source', main, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(own), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.errors += text))
  const ended = once(child, 'close').then(
    ([code, signal]: (number | string | null)[]): Ended => ({
      code: typeof code === 'number' ? code : null,
      signal: typeof signal === 'string' ? signal : null,
      ...texts,
    }),
  )
  return { child, texts, ended }
}

/** Runs the program to its end. */
export function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return launch(args, surroundings).ended
}

/** Starts a server and waits until it has said that it listens. */
export async function start(args: readonly string[], surroundings: Surroundings = {}): Promise<Started> {
  const { child, texts, ended } = launch(args, surroundings)
  running.set(child, ended)
  let stopped: Ended | undefined
  const notice = async (): Promise<void> => {
    stopped = await ended
    running.delete(child)
  }
  void notice()
  while (!texts.output.includes('Log-in: ')) {
    if (stopped) throw new Error(`The server ended with code ${stopped.code}: ${stopped.errors}`)
    await Promise.race([once(child.stdout, 'data'), ended])
  }
  const addresses = [...texts.output.matchAll(/^ {2}(\S+)$/gm)].map(([, address = '']) => address)
  return { addresses, process: child, ended, output: () => texts.output, errors: () => texts.errors }
}
