// Runs on any Node >= 20 with npm. Installs the locked workspace with a pinned pnpm when that has not been done yet,
// then hands over to the Node 24 in node_modules. `node scripts/boot.mjs <command> [arguments]`, see `commands`.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const windows = process.platform === 'win32'
const packageManager = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager

const env = { ...process.env, PATH: join(root, 'node_modules', '.bin') + delimiter + process.env.PATH }
// What npm sets for its own scripts would reach pnpm as configuration.
for (const key of Object.keys(env)) if (/^npm_(config|package|lifecycle)_/i.test(key)) delete env[key]

const build = ['tsc', '-b']
const typesOfEverything = ['tsc', '-p', 'tsconfig.check.json']
const vitest = ['vitest', 'run']

/** Seconds between tries to install: the registry may be away for a moment, and another run may fill the same cache. */
const pauses = [5, 30]

/** Each command is a list of steps run one after the other; the last one receives the arguments. */
const commands = {
  server: [build, ['node', join(root, 'packages/server/dist/main.js')]],
  test: [[...vitest, '--project', 'unit', '--project', 'e2e']],
  'test:servers': [[...vitest, '--project', 'servers']],
  'test:live': [[...vitest, '--project', 'live']],
  check: [
    ['biome', 'format', '.'],
    build,
    typesOfEverything,
    ['oxlint', '--type-aware', '--deny-warnings'],
    ['node', 'scripts/check-drivers.ts'],
  ],
  bench: [build, ['node', '--conditions=@filegate/source', 'bench/main.ts']],
  format: [['biome', 'format', '--write', '.']],
  build: [build],
}

function fail(message) {
  console.error(`filegate: ${message}`)
  process.exit(1)
}

/** @returns what it ended with */
function statusOf([program, ...rest]) {
  const result = spawnSync(program, rest, { cwd: root, env, stdio: 'inherit', shell: windows })
  if (result.error) fail(`${program} could not be started: ${result.error.message}`)
  if (result.signal) process.exit(1)
  return result.status
}

function run(step) {
  const status = statusOf(step)
  if (status !== 0) process.exit(status)
}

/** The last step runs where the user stood, gets the signals we get, and gives us its exit code. */
function handOver(step, extra, cwd) {
  const [program, ...rest] = step
  const child = spawn(program, [...rest, ...extra], { cwd, env, stdio: 'inherit', shell: windows })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${program} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name)
    if (signal) process.kill(process.pid, signal)
    else process.exit(code ?? 1)
  })
}

function installWhenNeeded() {
  const stampFile = join(root, 'node_modules', '.boot-stamp')
  const locked = createHash('sha256').update(packageManager)
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) locked.update(readFileSync(join(root, name)))
  const stamp = locked.digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  console.error('filegate: installing the locked dependencies, once')
  const flags = ['--frozen-lockfile', '--reporter=append-only', '--loglevel=error']
  const install = ['npx', '--yes', packageManager, 'install', ...flags]
  for (const seconds of pauses) {
    if (statusOf(install) === 0) return writeFileSync(stampFile, stamp)
    console.error(`filegate: installing did not work; once more in ${seconds} s`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000)
  }
  run(install)
  writeFileSync(stampFile, stamp)
}

const [name = '', ...args] = process.argv.slice(2)
const steps = Object.hasOwn(commands, name)
  ? commands[name]
  : fail(`no command '${name}' (${Object.keys(commands).join(', ')})`)
installWhenNeeded()
for (const step of steps.slice(0, -1)) run(step)
handOver(steps.at(-1), args, name === 'server' ? (process.env.INIT_CWD ?? process.cwd()) : root)
