import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/driver-s3/src/testing/emulator.ts'
import { killStarted, start } from './command-line.ts'

const run = promisify(execFile)

interface Step {
  readonly command: string
  /** What it prints; `...` stands for anything. */
  readonly output: string
}

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')

/** The console blocks: a line that starts with `$ ` is typed, what follows is printed. */
function steps(): Step[] {
  const blocks = [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const end = step.indexOf('\n')
        return { command: step.slice(0, end), output: step.slice(end + 1) }
      }),
  )
}

function matches(printed: string, expected: string): boolean {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const pattern = expected.trimEnd().split('...').map(literal).join('[\\s\\S]*?')
  return new RegExp(`^${pattern}$`).test(printed.trimEnd())
}

let folder: string
let origin: string | undefined
let tools: string
let emulator: Emulator
/** What the session keeps in variables of the shell. */
const variables: Record<string, string> = {}

beforeAll(async () => {
  emulator = await startEmulator('demo')
  await emulator.put('demo', 'hello.txt', Buffer.from('Hello from S3.\n'))
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-readme-')))
  tools = join(folder, '.tools')
  mkdirSync(tools)
  if (spawnSync('curl', ['--version']).error) {
    const stand = fileURLToPath(new URL('curl.mjs', import.meta.url))
    writeFileSync(join(tools, 'curl'), `#!/bin/sh\nexec "${process.execPath}" "${stand}" "$@"\n`)
    chmodSync(join(tools, 'curl'), 0o755)
  }
})
afterAll(async () => {
  await killStarted()
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a line of the session in a shell; what it assigns is known to the lines after it. */
async function type(command: string): Promise<string> {
  const variable = /^([A-Z]+)=/.exec(command)?.[1]
  const line = variable ? `${command}; printf %s "$${variable}"` : command
  const env = { ...process.env, ...variables, PATH: tools + delimiter + process.env['PATH'] }
  const { stdout } = await run('sh', ['-c', line], { cwd: folder, env })
  if (!variable) return stdout
  variables[variable] = stdout
  return ''
}

describe('the session in the README', () => {
  it('works as printed', async () => {
    const [serve = ''] = /^npm start -- demo .*$/m.exec(readme) ?? []
    const session = steps()
    expect(session.length).toBeGreaterThan(20)
    for (const { command, output } of session) {
      if (!origin && command.startsWith('curl')) {
        const flags = serve.replace('npm start -- demo', '').trim().split(/\s+/)
        const place = ['--bind', '127.0.0.1', '--port', '0', '--data-dir', join(folder, 'data')]
        const { addresses } = await start([join(folder, 'demo'), ...flags, ...place])
        origin = addresses[0]
      }
      const here = command
        .replaceAll('http://127.0.0.1:5000', origin ?? '')
        .replaceAll('http://127.0.0.1:9000', `http://127.0.0.1:${emulator.port}`)
      const printed = await type(here)
      expect(matches(printed, output), `$ ${command}\nprinted\n${printed}\nand the README says\n${output}`).toBe(true)
    }
  })
})
