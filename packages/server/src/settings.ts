import type { StoragePath } from '@filegate/core'
import type { ServerClients } from './oauth/server-clients.ts'
import type { ProxySettings } from './outbound/proxy-settings.ts'

/** What `--allow-*` switches on. */
export const features = [
  'upload',
  'delete',
  'search',
  'symlink',
  'archive',
  'hash',
  'grep',
  'remote',
  'journal',
  'thumbnails',
  'chmod',
  'chown',
] as const
export type Feature = (typeof features)[number]

export type AccessLevel = 'none' | 'index' | 'read' | 'write'

/** One path of a rule. */
export interface Grant {
  /** The backend that the path is on, `*` for all of them. Absent: the served folder. */
  readonly backend?: string | undefined
  readonly path: StoragePath
  readonly level: 'read' | 'write'
}

/** One account of `--auth`, or the anonymous caller where `user` is absent. */
export interface AccountRule {
  readonly user?: string | undefined
  /** Plain text, or a hash that `access/passwords.ts` knows. */
  readonly password?: string | undefined
  readonly paths: readonly Grant[]
}

/** How far `--compress` goes: `none` stores, the others deflate. */
export type Compression = 'none' | 'low' | 'medium' | 'high'

/** Where to listen: a host and port, or a unix socket (a leading `@` names an abstract one). */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly socket: string }

/** What the journal keeps. */
export interface JournalSettings {
  /** Bytes that a file may have for its content to be kept. */
  readonly mostKept: number
  /** Globs of what it leaves out, as `hidden` takes them. */
  readonly exclude: readonly string[]
  /** Whether it leaves out folders that tools make anew, such as node_modules. */
  readonly ignoresDevelopmentFolders: boolean
  readonly retention: RetentionRules
}

/** Absent: without a limit. */
export interface RetentionRules {
  /** Milliseconds. What a file held at any time since then can be read. */
  readonly age?: number | undefined
  /** Entries of one path. The last one always stays. */
  readonly revisions?: number | undefined
  /** Bytes of all contents that are kept. */
  readonly size?: number | undefined
}

/** Where deleted files go. */
export interface TrashSettings {
  /** Milliseconds that something stays in it. */
  readonly age: number
}

/** It forgets nothing. */
export const defaultJournal: JournalSettings = {
  mostKept: 2 * 1024 * 1024,
  exclude: [],
  ignoresDevelopmentFolders: true,
  retention: {},
}

/** The whole configuration of a running server, after flags, environment and file were merged and checked. */
export interface Settings {
  /** Absolute path of the folder, or of the single file, that is served. */
  readonly servedPath: string
  readonly listen: readonly ListenAddress[]
  /** Empty, or with a leading and without a trailing slash: `/files`. */
  readonly pathPrefix: string
  /** Globs of what listings and searches leave out. A trailing slash means directories only. */
  readonly hidden: readonly string[]
  /** Empty: no login, everybody may do what the features allow. */
  readonly accounts: readonly AccountRule[]
  readonly allow: Readonly<Record<Feature, boolean>>
  readonly cors: boolean
  /** Names besides localhost under which a server without accounts answers on loopback. */
  readonly hostNames: readonly string[]
  readonly render: { readonly index: boolean; readonly tryIndex: boolean; readonly spa: boolean }
  /** Absolute path of a folder whose files replace the built-in ones. */
  readonly assets?: string | undefined
  /** Empty switches the access log off. */
  readonly logFormat: string
  readonly logFile?: string | undefined
  readonly compress: Compression
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  /**
   * Absolute path of the folder for our own state, never inside the served one. Absent when nobody chose one and the
   * default lies inside: a feature that keeps state then asks for `--data-dir`.
   */
  readonly dataDirectory?: string | undefined
  /** Of a PostgreSQL that keeps backends and journal in place of files in the data folder. Holds a password: never shown. */
  readonly databaseUrl?: string | undefined
  /** Whether requests made for callers may reach this machine and private networks. They may when only this machine is served. */
  readonly privateNetwork: boolean
  /** What requests of backends go through. Holds passwords: never shown. Absent: they go directly. */
  readonly proxy?: ProxySettings | undefined
  /** Absolute path of the folder in which options of backends may name files. */
  readonly credentialsDirectory?: string | undefined
  /** Applications that the operator registered with vendors, for backends that bring none. Holds secrets: never shown. */
  readonly oauthClients?: ServerClients | undefined
  /** Where users reach what is served, without a trailing slash. Absent: where the request for it came. */
  readonly publicUrl?: string | undefined
  /** Bytes that the body of one upload may have. Absent: any number. */
  readonly maxBodySize?: number | undefined
  readonly journal: JournalSettings
  /** Absent: what is deleted is gone. */
  readonly trash?: TrashSettings | undefined
  readonly workers: number
  /** Seconds that running downloads have to finish when the server is told to end. */
  readonly grace: number
  /** Whether a change is on the disk before it is answered, so that it survives a loss of power. */
  readonly sync: boolean
  /** Whether large files may go from disk to socket inside the kernel. Some network file systems get that wrong. */
  readonly sendfile: boolean
}

/** How a server behaves when nothing is said: on the loopback interface, reading only, every feature off. */
export function defaultSettings(servedPath: string, dataDirectory: string): Settings {
  return {
    servedPath,
    dataDirectory,
    listen: [{ host: '127.0.0.1', port: 5000 }],
    pathPrefix: '',
    hidden: [],
    accounts: [],
    allow: {
      upload: false,
      delete: false,
      search: false,
      symlink: false,
      archive: false,
      hash: false,
      grep: false,
      remote: false,
      journal: false,
      thumbnails: false,
      chmod: false,
      chown: false,
    },
    cors: false,
    hostNames: [],
    render: { index: false, tryIndex: false, spa: false },
    logFormat: '',
    compress: 'low',
    privateNetwork: false,
    journal: defaultJournal,
    workers: 1,
    grace: 30,
    sync: true,
    sendfile: true,
  }
}
