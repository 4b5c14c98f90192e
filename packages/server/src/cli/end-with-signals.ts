import { constants } from 'node:os'
import { isatty } from 'node:tty'
import type { RunningServer } from '../start.ts'

/** A server that is done sooner ends without a word. Milliseconds. */
const patience = 1_000

/**
 * SIGINT and SIGTERM end the server: the first lets running downloads finish, the second does not. SIGHUP reads the
 * certificate again; where a terminal is attached it means that the terminal was closed, and ends the server too.
 */
export function endWithSignals(server: RunningServer, grace: number): void {
  let ending = false
  const end = (signal: NodeJS.Signals): void => {
    if (ending) process.exit(128 + constants.signals[signal])
    ending = true
    setTimeout(() => say(`finishing running downloads, ${grace} s at most (again to end at once)`), patience).unref()
    server.close(grace * 1000).then(
      () => process.exit(0),
      (error: unknown) => {
        say(messageOf(error))
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  process.on('SIGHUP', (signal) => (isatty(0) ? end(signal) : reload(server)))
}

/** With a certificate that cannot be used the old one stays. */
function reload(server: RunningServer): void {
  try {
    server.reloadCertificate()
  } catch (error) {
    say(messageOf(error))
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const say = (message: string): void => void process.stderr.write(`filegate: ${message}\n`)
