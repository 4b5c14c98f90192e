import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
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
  // One that is free when it takes it: any other might be somebody else's by then.
  const fixed = ['--blobHost', '127.0.0.1', '--blobPort', '0', '--inMemoryPersistence']
  const flags = ['--skipApiVersionCheck', '--disableTelemetry', '--disableProductStyleUrl', '--silent']
  const child = spawn(process.execPath, [program, ...fixed, ...flags, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  })
  // By then, all that it said has been heard.
  const ended = once(child, 'close')
  // A test process that dies takes its emulator with it.
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    // It keeps nothing, and would wait for connections otherwise.
    kill()
    await ended
    process.off('exit', kill)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const address = await listening([child.stdout, child.stderr], ended)
    return { port: Number(new URL(address).port), url: `${address}/${account}`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** @returns where, which it says itself */
async function listening(outputs: readonly NodeJS.ReadableStream[], ended: Promise<unknown>): Promise<string> {
  let said = ''
  const ready = new Promise<string>((resolve) => {
    for (const output of outputs) {
      output.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const [, address] = /successfully listens on (https?:\/\/\S+)\s/.exec(said) ?? []
        if (address !== undefined) resolve(address)
      })
    }
  })
  const gone = ended.then(() => {
    throw new Error(`The emulator did not start: ${said}`)
  })
  return Promise.race([ready, gone])
}
