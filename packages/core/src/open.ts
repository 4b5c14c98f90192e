import type { z } from 'zod'
import { abortedBy, throwIfAborted } from './abort.ts'
import { type Assembly, assemble } from './assemble.ts'
import { toStorageError } from './classify.ts'
import { connectSocket as connectFreely } from './connect-socket.ts'
import type { StorageDriver } from './contract.ts'
import type { ConnectContext, DriverDefinition, Log } from './define.ts'
import { StorageError } from './error.ts'
import { member } from './member.ts'
import { rawMask } from './names/mask.ts'
import { root } from './path.ts'
import { Storage } from './storage.ts'

/**
 * What is not given is done without: the global `fetch`, sockets to anywhere, no log, no place for renewed tokens, no cache,
 * no observer.
 */
export interface OpenContext
  extends Partial<ConnectContext>,
    Pick<Assembly, 'pacer' | 'limits' | 'retries' | 'observe' | 'cache' | 'clock'> {
  /**
   * Makes the path of a file with credentials, which an option names, one that may be read, or rejects. Absent: any path is
   * taken as it is.
   */
  readonly credentialsFile?: ((path: string) => Promise<string>) | undefined
  /**
   * Asked when an option makes the driver log in with what the machine has: its environment, its files, its identity in a
   * cloud. Rejects when that must not be. Absent: it may.
   */
  readonly lendCredentials?: (() => Promise<void>) | undefined
}

const silent: Log = { debug() {}, info() {}, warn() {} }

/**
 * Connects to a provider and gives its driver with all layers on.
 * @throws StorageError `InvalidArgument` on wrong options; whatever connecting ends in otherwise
 */
export async function openDriver<Schema extends z.ZodObject>(
  definition: DriverDefinition<Schema>,
  options: z.input<Schema>,
  context: OpenContext = {},
): Promise<StorageDriver> {
  const { fetch = globalThis.fetch, agents, connectSocket = connectFreely, signal, ...others } = context
  const { log = silent, saveToken = async () => {}, renewToken = renewedAlone(saveToken), ...rest } = others
  const { credentialsFile, lendCredentials, ...assembly } = rest
  const { slug, classify } = definition
  throwIfAborted(signal)
  // The schema library takes 50 ms to load, which a server that connects to nothing need not spend.
  const { deprecatedOptions, fileOptions, machineOptions, parseOptions } = await import('./options/index.ts')
  const files = credentialsFile
    ? await allowedFiles(fileOptions(definition.options, options), options, credentialsFile)
    : {}
  const parsed = parseOptions(definition.options, { ...options, ...files })
  if (lendCredentials) {
    for (const name of machineOptions(definition.options, parsed)) await lendCredentials().catch(concerning(name))
  }
  for (const name of deprecatedOptions(definition.options, options)) {
    log.warn(`The option ${name} of ${slug} is deprecated.`, { provider: slug, option: name })
  }
  let driver: StorageDriver
  try {
    driver = await definition.connect(parsed, { fetch, agents, connectSocket, signal, log, saveToken, renewToken })
  } catch (error) {
    throw toStorageError(error, { provider: slug, operation: 'connect', path: root, signal }, classify)
  }
  if (signal?.aborted) {
    await driver.close?.()
    throw abortedBy(signal)
  }
  return assemble(driver, {
    ...assembly,
    classify,
    pace: definition.paceFor?.(parsed) ?? definition.pace,
    mask: maskOf(definition, parsed),
  })
}

/** Connects to a provider: `const storage = await open(s3, { endpoint, ... })`. */
export async function open<Schema extends z.ZodObject>(
  definition: DriverDefinition<Schema>,
  options: z.input<Schema>,
  context?: OpenContext,
): Promise<Storage> {
  return new Storage(await openDriver(definition, options, context))
}

/** For who shares a token with nobody. */
const renewedAlone =
  (saveToken: ConnectContext['saveToken']): ConnectContext['renewToken'] =>
  async (renew) => {
    const token = await renew(undefined)
    await saveToken(token)
    return token
  }

/** What stands in place of the options that name a file. */
async function allowedFiles(
  names: readonly string[],
  options: object,
  credentialsFile: NonNullable<OpenContext['credentialsFile']>,
): Promise<Record<string, string>> {
  const allowed: Record<string, string> = {}
  for (const name of names) {
    const path = member(options, name)
    if (typeof path !== 'string' || path === '') continue
    allowed[name] = await credentialsFile(path).catch(concerning(name))
  }
  return allowed
}

/** Names the option that an error is about. */
const concerning =
  (name: string) =>
  (error: unknown): never => {
    throw StorageError.is(error) ? new StorageError(error.code, `${name}: ${error.message}`) : error
  }

function maskOf({ names }: Pick<DriverDefinition, 'names'>, options: unknown): number | undefined {
  if (names === 'untouched') return undefined
  const mask = member(options, 'encoding')
  return typeof mask === 'number' ? mask : rawMask
}
