import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hasProgram } from './measure.ts'

const run = promisify(execFile)
const client = fileURLToPath(new URL('discarding-client.ts', import.meta.url))

/** Requests a second that 64 kept connections get, by wrk. */
export async function requestsPerSecond(
  url: string,
  options: { seconds: number; processors?: string },
): Promise<number> {
  const wrk = ['wrk', '-t1', '-c64', `-d${options.seconds}s`, url]
  const pinned = options.processors && hasProgram('taskset') ? ['taskset', '-c', options.processors, ...wrk] : wrk
  const [program = '', ...args] = pinned
  const { stdout } = await run(program, args)
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1]
  if (failed) throw new Error(`${url}: ${failed} answers were errors`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

/** Megabytes a second of one download, by a client that throws the bytes away inside the kernel. */
export async function megabytesPerSecond(url: string, processors?: string): Promise<number> {
  const node = [process.execPath, client, url]
  const [program = '', ...args] = processors && hasProgram('taskset') ? ['taskset', '-c', processors, ...node] : node
  const { stdout } = await run(program, args)
  return Number(stdout)
}
