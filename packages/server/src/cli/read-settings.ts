import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { parsePath, StorageError } from '@filegate/core'
import { parseRules } from '../access/rules.ts'
import { compileLogFormat, defaultLogFormat } from '../log/format.ts'
import { defaultJournal, type Feature, type ListenAddress, type Settings } from '../settings.ts'
import { readProxy } from '../outbound/proxy-settings.ts'
import { CommandError } from './command-error.ts'
import { defaultDataDirectory, liesIn } from './data-directory.ts'
import { type Flag, flags } from './flags.ts'
import { type GivenValues, givenFor, named, type Take, takeFrom } from './given.ts'
import { oauthClients } from './oauth-clients.ts'
import { loopback, parseListenAddresses } from './listen-addresses.ts'

/**
 * Makes the settings from what the places say, the first one having precedence, and checks all that can be checked before
 * the start.
 * @throws CommandError 2 when a value is wrong, 1 when what it names is not there.
 */
export function readSettings(places: readonly GivenValues[], variables: NodeJS.ProcessEnv): Settings {
  const take = takeFrom(places)
  const nameOf = (flag: Flag): string => givenFor(places, flag)?.name ?? ''
  const checked = <T, Out>(flag: Flag<T>, check: (value: T) => Out): Out | undefined => {
    const value = take(flag)
    return value === undefined ? undefined : named(nameOf(flag), () => check(value))
  }
  const folder = givenFor(places, flags.bind)?.folder ?? ''
  const port = take(flags.port) ?? 5000
  const servedPath = readable(take(flags['serve-path']) ?? '.')
  return {
    servedPath,
    listen: checked(flags.bind, (texts) => listenAddresses(texts, port, folder)) ?? loopback(port),
    pathPrefix: checked(flags['path-prefix'], pathPrefix) ?? '',
    hidden: take(flags.hidden) ?? [],
    accounts: checked(flags.auth, parseRules) ?? [],
    allow: allowed(take, servedPath),
    cors: take(flags['enable-cors']) ?? false,
    hostNames: take(flags['allow-host']) ?? [],
    render: {
      index: take(flags['render-index']) ?? false,
      tryIndex: take(flags['render-try-index']) ?? false,
      spa: take(flags['render-spa']) ?? false,
    },
    assets: checked(flags.assets, (folder) => existingFolder('--assets', folder)),
    logFormat: checked(flags['log-format'], logFormat) ?? defaultLogFormat,
    logFile: take(flags['log-file']),
    compress: take(flags.compress) ?? 'low',
    tls: tls(take),
    dataDirectory: dataDirectory(take(flags['data-dir']), servedPath, variables),
    databaseUrl: take(flags['database-url']),
    privateNetwork: take(flags['allow-private-network']) ?? false,
    proxy: proxyOf(take(flags['outbound-proxy']), variables, take(flags['allow-remote']) ?? false),
    credentialsDirectory: checked(flags['credentials-dir'], (folder) => existingFolder('--credentials-dir', folder)),
    oauthClients: oauthClients(take, variables),
    publicUrl: take(flags['public-url']),
    maxBodySize: take(flags['max-body-size']),
    journal: journal(take),
    trash: trash(take, servedPath),
    workers: take(flags.workers) ?? 1,
    grace: take(flags.grace) ?? 30,
    sync: take(flags.sync) ?? true,
    sendfile: take(flags.sendfile) ?? true,
  }
}

/** A feature is on by its own flag, or by `--allow-all` unless its own flag says no. Thumbnails and backends need their own. */
function allowed(take: Take, servedPath: string): Record<Feature, boolean> {
  const all = take(flags['allow-all']) ?? false
  const journal = take(flags['allow-journal']) ?? false
  if (journal) checkFolder('--allow-journal', servedPath)
  return {
    upload: take(flags['allow-upload']) ?? all,
    delete: take(flags['allow-delete']) ?? all,
    search: take(flags['allow-search']) ?? all,
    symlink: take(flags['allow-symlink']) ?? all,
    archive: take(flags['allow-archive']) ?? all,
    hash: take(flags['allow-hash']) ?? all,
    grep: take(flags['allow-grep']) ?? all,
    remote: take(flags['allow-remote']) ?? false,
    journal,
    thumbnails: take(flags['allow-thumbnails']) ?? false,
    chmod: take(flags['allow-chmod']) ?? false,
    chown: take(flags['allow-chown']) ?? false,
  }
}

/** What only the environment names is nobody's concern as long as there are no backends. */
function proxyOf(chosen: string | undefined, variables: NodeJS.ProcessEnv, hasBackends: boolean): Settings['proxy'] {
  if (chosen === undefined && !hasBackends) return undefined
  try {
    return readProxy(chosen, variables)
  } catch (error) {
    throw new CommandError(2, error instanceof Error ? error.message : String(error), error)
  }
}

const day = 86_400_000

function journal(take: Take): Settings['journal'] {
  const days = take(flags['journal-keep-days'])
  return {
    mostKept: take(flags['journal-max-size']) ?? defaultJournal.mostKept,
    exclude: take(flags['journal-exclude']) ?? defaultJournal.exclude,
    ignoresDevelopmentFolders: take(flags['journal-ignore-dev-dirs']) ?? defaultJournal.ignoresDevelopmentFolders,
    retention: {
      age: days === undefined ? undefined : days * day,
      revisions: take(flags['journal-keep-revisions']),
      size: take(flags['journal-keep-size']),
    },
  }
}

function trash(take: Take, servedPath: string): Settings['trash'] {
  if (!(take(flags.trash) ?? false)) return undefined
  checkFolder('--trash', servedPath)
  return { age: (take(flags['trash-keep-days']) ?? 30) * day }
}

/** @throws CommandError */
function checkFolder(flag: string, servedPath: string): void {
  if (!statSync(servedPath).isDirectory()) throw new CommandError(2, `${flag} needs a folder to serve, not a file`)
}

function listenAddresses(texts: readonly string[], port: number, folder: string): ListenAddress[] {
  if (texts.length === 0) throw new StorageError('InvalidArgument', 'needs at least one address')
  return parseListenAddresses(texts, port, folder)
}

/** Characters that mean the same in a path, in a URL and in a route. */
function pathPrefix(text: string): string {
  const path = parsePath(text)
  if (!/^[\w.~/-]*$/.test(path)) {
    throw new StorageError(
      'InvalidArgument',
      `takes letters, digits, '.', '_', '~', '-' and '/', not ${JSON.stringify(text)}`,
    )
  }
  return path === '' ? '' : `/${path}`
}

function logFormat(text: string): string {
  compileLogFormat(text)
  return text
}

function tls(take: Take): Settings['tls'] {
  const certificate = take(flags['tls-cert'])
  const key = take(flags['tls-key'])
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined) throw new CommandError(2, '--tls-key needs --tls-cert as well')
  if (key === undefined) throw new CommandError(2, '--tls-cert needs --tls-key as well')
  return { certificate, key }
}

function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    const real = realpathSync(path)
    const kind = statSync(real)
    if (kind.isFile() || kind.isDirectory()) return real
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new CommandError(1, missing ? `there is no file or folder ${path}` : `${path} cannot be read`, cause)
  }
  throw new CommandError(1, `${path} is neither a file nor a folder`)
}

function existingFolder(flag: string, path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new CommandError(1, `${flag}: there is no folder ${path}`)
}

/** Whoever serves the home folder has the default inside it: state that nobody chose a place for then has none. */
function dataDirectory(
  chosen: string | undefined,
  servedPath: string,
  variables: NodeJS.ProcessEnv,
): string | undefined {
  const path = chosen ?? defaultDataDirectory(variables)
  if (!statSync(servedPath).isDirectory() || !liesIn(path, servedPath)) return path
  if (chosen === undefined) return undefined
  throw new CommandError(2, `--data-dir: ${path} lies in the served folder, where everybody could read it`)
}
