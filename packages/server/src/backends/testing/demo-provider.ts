import { type DriverDefinition, defineDriver, memory, StorageError } from '@filegate/core'
import {
  credentialsFile,
  description,
  flag,
  requiredText,
  secretText,
  strictOptions,
  text,
} from '@filegate/core/options'

/** A provider over memory that does what a test tells it to. */
export interface DemoProvider {
  readonly definition: DriverDefinition
  /** The options of each connection that was tried. */
  readonly connected: readonly Readonly<Record<string, unknown>>[]
  /** How many connections were closed. */
  readonly closed: () => number
  /** Pretends that the vendor renewed the token of the newest connection. */
  renewToken(token: string): Promise<void>
}

/**
 * `endpoint`: `hang` never answers and does not listen to its signal, `crash` fails with an error that quotes the password.
 * A password that starts with `wrong` is refused, with a message that quotes it. Files of the user `locked` are refused later,
 * and those of the user `broken` fail with an error that quotes the password.
 */
export function demoProvider(): DemoProvider {
  const connected: Record<string, unknown>[] = []
  let closed = 0
  let saveToken: (token: string) => Promise<void> = async () => {}
  const definition = defineDriver({
    slug: 'demo',
    title: 'Demo Store',
    category: 'object_storage',
    idPrefix: 'bck_',
    options: strictOptions({
      endpoint: requiredText().describe('Where it is.'),
      user: text(),
      password: secretText(),
      token: secretText(),
      key_file: credentialsFile(),
      fast: flag().prefault(false),
      env_auth: flag().prefault(false).meta({ machineCredentials: true }),
      description: description(),
    }),
    proof: 'simulator',
    async connect(options, context) {
      connected.push(options)
      saveToken = (token) => context.saveToken(token)
      if (options.endpoint === 'hang') await new Promise(() => {})
      if (options.endpoint === 'crash') throw new TypeError(`cannot use ${options.password}`)
      if (options.endpoint === 'fetch') await context.fetch(`http://169.254.169.254/?${options.password}`)
      if (options.password.startsWith('wrong')) {
        const reason = `The password ${options.password} of ${options.user} is wrong.`
        throw new StorageError('Unauthenticated', reason, { cause: new Error(options.password) })
      }
      const close = async (): Promise<void> => void (closed += 1)
      const inner = memory({ 'who.txt': options.user, 'slow.txt': 'x'.repeat(1000) })
      return {
        ...inner,
        close,
        async stat(path, asked) {
          if (options.user === 'locked') throw new StorageError('Unauthenticated', `${options.password} has expired.`)
          if (options.user === 'broken') throw new TypeError(`cannot read ${options.password}`)
          return inner.stat(path, asked)
        },
      }
    },
  })
  return { definition, connected, closed: () => closed, renewToken: (token) => saveToken(token) }
}
