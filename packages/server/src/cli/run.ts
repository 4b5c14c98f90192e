import { isatty } from 'node:tty'
import { commandOf } from '../commands/commands.ts'
import { CommandError } from './command-error.ts'
import { parseCommandLine } from './command-line.ts'
import { readEnvironment } from './environment.ts'
import { flags } from './flags.ts'
import { type GivenValues, takeFrom } from './given.ts'
import { readSettings } from './read-settings.ts'
import { startProblem } from './start-problem.ts'

/** Does what the command line says, and ends the process when that went wrong. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const command = commandOf(args)
    if (command) {
      process.exitCode = await command.run(args.slice(1))
      return
    }
    const typed = parseCommandLine(args, process.cwd())
    if (!(await answerQuestion(typed))) await serve(typed)
  } catch (error) {
    const problem = error instanceof CommandError ? error : startProblem(error)
    if (!problem) throw error
    process.stderr.write(`filegate: ${problem.message}\n`)
    process.exitCode = problem.exitCode
    // Nothing may keep a server alive that did not start.
    process.exit()
  }
}

/** The flags that print something and serve nothing. Whether it was one of them. */
async function answerQuestion(typed: GivenValues): Promise<boolean> {
  const take = takeFrom([typed])
  const shell = take(flags.completions)
  if (take(flags.help)) {
    const { helpText } = await import('./help.ts')
    process.stdout.write(helpText({ width: process.stdout.columns ?? 80, colours: usesColours() }))
  } else if (take(flags.version)) {
    const { readBuildFacts } = await import('../build-facts.ts')
    process.stdout.write(`filegate ${readBuildFacts().version}\n`)
  } else if (shell !== undefined) {
    const { completions } = await import('./completions.ts')
    process.stdout.write(completions(shell))
  } else {
    return false
  }
  return true
}

async function serve(typed: GivenValues): Promise<void> {
  const environment = readEnvironment(process.env, process.cwd())
  const configPath = takeFrom([typed, environment])(flags.config)
  const file =
    configPath === undefined ? new Map() : await (await import('./config-file.ts')).readConfigFile(configPath)
  const settings = readSettings([typed, environment, file], process.env)
  const { clearStaleSockets } = await import('../transport/unix-socket.ts')
  await clearStaleSockets(settings.listen)
  const start =
    settings.workers > 1 ? (await import('../cluster.ts')).startCluster : (await import('../start.ts')).startServer
  const server = await start(settings)
  const { greeting, warnings } = await import('./greeting.ts')
  const { endWithSignals } = await import('./end-with-signals.ts')
  endWithSignals(server, settings.grace)
  process.stdout.write(greeting(settings, server.addresses, usesColours()))
  for (const warning of warnings(settings, configPath)) process.stderr.write(`filegate: warning: ${warning}\n`)
}

/** As https://no-color.org asks. */
function usesColours(): boolean {
  return isatty(1) && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}
