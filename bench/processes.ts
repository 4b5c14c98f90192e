import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createServer } from 'node:net'
import { hasProgram } from './measure.ts'

/** A server under measurement. */
export interface Peer {
  readonly name: string
  readonly origin: string
  readonly pid: number
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Starts a program, on these processors if they can be chosen, and waits until its port accepts. */
export async function startPeer(
  name: string,
  port: number,
  command: readonly [string, ...string[]],
  processors?: string,
): Promise<Peer> {
  const pinned = processors && hasProgram('taskset') ? (['taskset', '-c', processors, ...command] as const) : command
  const [program, ...args] = pinned
  // Settings for other programs of whoever runs this, a bundle of certificates say, are not to be measured.
  const own = Object.entries(process.env).filter(([variable]) => !variable.startsWith('AWS_'))
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env: Object.fromEntries(own) })
  await untilAccepting(name, port, child)
  return {
    name,
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
        setTimeout(() => child.kill('SIGKILL'), 3_000).unref()
      }),
  }
}

async function untilAccepting(name: string, port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`${name} ended at once with code ${child.exitCode}`)
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (accepted) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`${name} did not answer on port ${port}`)
}
