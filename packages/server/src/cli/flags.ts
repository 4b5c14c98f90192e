import { defaultLogFormat } from '../log/format.ts'
import { parseDatabaseUrl } from '../state/database-url.ts'
import { parseProxy } from '../outbound/proxy-settings.ts'
import { keepingFlags } from './keeping-flags.ts'
import { oauthFlags } from './oauth-flags.ts'
import { choice, list, path, secrets, size, text, toggle, type ValueKind, whole } from './value-kinds.ts'

/** The headings of `--help`, in order. */
export const groups = ['Listen', 'Access', 'Allow', 'Show', 'Journal', 'Log', 'Run', 'Other'] as const
export type Group = (typeof groups)[number]

export interface Flag<T = unknown> {
  readonly short?: string
  /** What the value is called in the help. A flag without one is a switch. */
  readonly argument?: string
  readonly repeatable?: true
  readonly group: Group
  /** Sentences without a full stop at the end. */
  readonly description: string
  /** The default as the help shows it. */
  readonly default?: string
  /** What a shell offers as the value. */
  readonly completes?: 'file' | 'folder' | readonly string[]
  /** A switch that is on by itself, so the help shows how to switch it off. */
  readonly on?: true
  /** Stands on the command line without a name. */
  readonly positional?: true
  /** Only typed, never in the environment or the file. */
  readonly onlyTyped?: true
  readonly kind: ValueKind<T>
}

export const shells = ['bash', 'zsh', 'fish', 'powershell', 'elvish'] as const
export const compressions = ['none', 'low', 'medium', 'high'] as const
const listOfGlobs = /,(?![^{]*\})/

/** Whatever is wrong with it, no message repeats it: it may hold a password. */
const proxyUrl: ValueKind<string> = (value) => {
  if (value === 'none') return 'none'
  return parseProxy(typeof value === 'string' ? value : '')
}

/**
 * Every flag, once. Parsing, `--help`, the completions, the environment (`FILEGATE_PATH_PREFIX`) and the keys of the YAML
 * file (`path-prefix`) all come from here.
 */
export const flags = {
  'serve-path': {
    argument: 'path',
    positional: true,
    group: 'Other',
    description: 'The folder to serve, or a single file',
    default: 'the current folder',
    completes: 'folder',
    kind: path,
  },
  bind: {
    short: 'b',
    argument: 'address',
    repeatable: true,
    group: 'Listen',
    description:
      'Address to listen on: an IP address, with :port if you like, or the path of a unix socket (@name: an abstract one). Several with commas',
    default: 'loopback only',
    kind: list(/,/),
  },
  port: {
    short: 'p',
    argument: 'port',
    group: 'Listen',
    description: 'Port to listen on, 0 for any free one',
    default: '5000',
    kind: whole(0, 65_535),
  },
  'public-url': oauthFlags['public-url'],
  'path-prefix': { argument: 'prefix', group: 'Listen', description: 'Serve everything below this path', kind: text },
  'tls-cert': {
    argument: 'file',
    group: 'Listen',
    description: 'Certificate chain (PEM): serve HTTPS',
    completes: 'file',
    kind: path,
  },
  'tls-key': {
    argument: 'file',
    group: 'Listen',
    description: 'Private key of the certificate (PEM)',
    completes: 'file',
    kind: path,
  },
  auth: {
    short: 'a',
    argument: 'rule',
    repeatable: true,
    group: 'Access',
    description:
      'Let an account in: user:password@/path:rw,/other, or everybody: @/path. Paths are :ro unless :rw; on a backend: backend:ID/path (ID may be *). Who has :rw on / manages backends. The password may be a hash ($6$, $5$, $2b$, $argon2id$). It also serves as a Bearer token. Several rules with |',
    kind: secrets,
  },
  hidden: {
    argument: 'globs',
    repeatable: true,
    group: 'Access',
    description:
      'Names to leave out of listings, searches and archives, such as .*,*.tmp,cache/ (with a slash at the end: folders only)',
    kind: list(listOfGlobs),
  },
  'allow-host': {
    argument: 'names',
    repeatable: true,
    group: 'Access',
    description:
      'Host names to answer for besides localhost, where only this machine can connect and nobody has to log in (a proxy that passes its own name on)',
    kind: list(/,/),
  },
  'enable-cors': {
    group: 'Access',
    description: 'Let web pages of other origins read, and upload to /api/v1/uploads for who logs in to them',
    kind: toggle,
  },
  'allow-all': {
    short: 'A',
    group: 'Allow',
    description:
      'All of the following but --allow-chmod, --allow-chown, --allow-journal, --allow-thumbnails and --allow-remote; --no-allow-... takes one out',
    kind: toggle,
  },
  'allow-search': { group: 'Allow', description: 'Search for names: ?glob=', kind: toggle },
  'allow-grep': { group: 'Allow', description: 'Search in contents: ?grep=', kind: toggle },
  'allow-archive': { group: 'Allow', description: 'Download folders: ?zip', kind: toggle },
  'allow-hash': { group: 'Allow', description: 'Compute SHA-256: ?hash', kind: toggle },
  'allow-symlink': { group: 'Allow', description: 'Follow links that lead out of the folder', kind: toggle },
  'allow-upload': {
    group: 'Allow',
    description: 'Make files and folders, add to files: PUT, PATCH, MKCOL, COPY, ?mkdir, ?copy_to=',
    kind: toggle,
  },
  'allow-delete': {
    group: 'Allow',
    description: 'Delete, move, and replace what is there',
    kind: toggle,
  },
  'allow-chmod': { group: 'Allow', description: 'Change permissions: ?chmod=; not in --allow-all', kind: toggle },
  'allow-chown': { group: 'Allow', description: 'Change owners: ?chown=, ?owner=; not in --allow-all', kind: toggle },
  'allow-journal': {
    group: 'Allow',
    description:
      'Keep a journal of all changes, with earlier contents: ?history, ?at=, ?revision=, ?diff; not in --allow-all, as it keeps copies',
    kind: toggle,
  },
  'allow-thumbnails': {
    group: 'Allow',
    description: 'Make thumbnails of pictures: ?thumbnail; not in --allow-all, as it decodes untrusted files',
    kind: toggle,
  },
  'allow-remote': {
    group: 'Allow',
    description: 'Connect backends and read from them: /api/v1/backends, ?backend=; not in --allow-all',
    kind: toggle,
  },
  'allow-private-network': {
    group: 'Allow',
    description:
      'Let backends be on this machine and in private networks even when others than this machine are served; addresses that hand out credentials stay out of reach',
    kind: toggle,
  },
  'render-index': { group: 'Show', description: 'Answer a folder with its index.html, or 404', kind: toggle },
  'render-try-index': {
    group: 'Show',
    description: 'Answer a folder with its index.html, or its listing',
    kind: toggle,
  },
  'render-spa': { group: 'Show', description: 'Answer every missing path with /index.html', kind: toggle },
  assets: {
    argument: 'folder',
    group: 'Show',
    description: 'Files that replace those of the built-in pages',
    completes: 'folder',
    kind: path,
  },
  compress: {
    argument: 'level',
    group: 'Show',
    description: `Compression inside ?zip: ${compressions.join(', ')}`,
    default: 'low',
    completes: compressions,
    kind: choice(compressions),
  },
  ...keepingFlags,
  'log-format': {
    argument: 'format',
    group: 'Log',
    description:
      'Line of the access log; empty switches it off. Variables: $remote_addr $remote_user $request $request_method $request_uri $status $body_bytes_sent $request_time $time_local $time_iso8601 $msec $log_level $http_<name>',
    default: `'${defaultLogFormat}'`,
    kind: text,
  },
  'log-file': {
    argument: 'file',
    group: 'Log',
    description: 'Append the access log to a file; SIGHUP opens it anew',
    default: 'standard output',
    completes: 'file',
    kind: path,
  },
  config: {
    short: 'c',
    argument: 'file',
    group: 'Run',
    description: 'Read settings from a YAML file',
    completes: 'file',
    kind: path,
  },
  'data-dir': {
    argument: 'folder',
    group: 'Run',
    description: 'Folder for our own state, outside the served one',
    default: 'per user',
    completes: 'folder',
    kind: path,
  },
  'database-url': {
    argument: 'url',
    group: 'Run',
    description:
      'Keep backends and the journal in a PostgreSQL that several servers share (postgres://...), not in files below --data-dir. In FILEGATE_DATABASE_URL a password stays out of the list of processes',
    kind: parseDatabaseUrl,
  },
  'credentials-dir': {
    argument: 'folder',
    group: 'Run',
    description:
      'The only folder in which backends may name files, such as a service account; with it they may also log in with what this machine has (env_auth)',
    default: 'none',
    completes: 'folder',
    kind: path,
  },
  'outbound-proxy': {
    argument: 'url',
    group: 'Run',
    description:
      'HTTP proxy that leads to backends over HTTP and HTTPS (hosts in NO_PROXY go without), or none. In FILEGATE_OUTBOUND_PROXY a password stays out of the list of processes',
    default: 'HTTPS_PROXY and HTTP_PROXY of the environment',
    kind: proxyUrl,
  },
  'oauth-client': oauthFlags['oauth-client'],
  'oauth-secret-file': oauthFlags['oauth-secret-file'],
  'max-body-size': {
    argument: 'size',
    group: 'Run',
    description: 'Most bytes of one upload, such as 500M or 10G',
    default: 'unlimited',
    kind: size,
  },
  workers: {
    argument: 'number',
    group: 'Run',
    description: 'Processes that share the work',
    default: '1',
    kind: whole(1, 256),
  },
  grace: {
    argument: 'seconds',
    group: 'Run',
    description: 'How long running downloads may take to finish when the server is told to end',
    default: '30',
    kind: whole(0, 86_400),
  },
  sync: {
    group: 'Run',
    on: true,
    description:
      'Answer a change once the system has it, without waiting for the disk: faster, but what was answered can be lost when the power is',
    kind: toggle,
  },
  sendfile: {
    group: 'Run',
    on: true,
    description:
      'Send large files through our own buffers instead of the sendfile of the system, which some network file systems get wrong',
    kind: toggle,
  },
  completions: {
    argument: 'shell',
    group: 'Other',
    description: `Print completions for ${shells.join(', ')}`,
    completes: shells,
    onlyTyped: true,
    kind: choice(shells),
  },
  help: { short: 'h', group: 'Other', description: 'Print this help', onlyTyped: true, kind: toggle },
  version: { short: 'V', group: 'Other', description: 'Print the version', onlyTyped: true, kind: toggle },
} satisfies Record<string, Flag>

/** The same table, for code that goes through all flags. */
export const allFlags: ReadonlyMap<string, Flag> = new Map(Object.entries(flags))

export const isSwitch = (flag: Flag): boolean => flag.argument === undefined

export const environmentName = (name: string): string => `FILEGATE_${name.replaceAll('-', '_').toUpperCase()}`
