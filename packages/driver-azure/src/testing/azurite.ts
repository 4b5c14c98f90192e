import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The vendor's emulator of Blob Storage, as a process of its own with its files in a temporary folder. */
export interface Azurite {
  readonly port: number
  /** With the account behind it. */
  readonly url: string
  stop(): Promise<void>
}

export const account = 'devstoreaccount1'
/** Known to everybody, and made for nothing else. */
export const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

const program = join(dirname(createRequire(import.meta.url).resolve('azurite/package.json')), 'dist/src/blob/main.js')

/** @param more further arguments, such as those for https and tokens */
export async function startAzurite(...more: readonly string[]): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-azurite-'))
  const port = await freePort()
  const secure = more.includes('--cert')
  const fixed = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder, '--inMemoryPersistence']
  const flags = ['--skipApiVersionCheck', '--disableTelemetry', '--disableProductStyleUrl', '--silent']
  const memory = fixed.filter((argument) => argument !== '--location' && argument !== folder)
  const child = spawn(process.execPath, [program, ...memory, ...flags, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  })
  const ended = once(child, 'exit')
  // A test process that dies takes its emulator with it.
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    child.kill()
    await ended
    process.off('exit', kill)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await listening(child.stdout, ended)
  } catch (error) {
    await stop()
    throw error
  }
  return { port, url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}/${account}`, stop }
}

/** It says so itself. */
async function listening(output: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<void> {
  let said = ''
  const ready = new Promise<void>((resolve) => {
    output.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('successfully listen')) resolve()
    })
  })
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`The emulator did not start: ${said}`)
    }),
  ])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
