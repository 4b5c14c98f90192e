import { type SocketAddress, StorageError } from '@filegate/core'
import type { FtpOptions } from './options.ts'

export interface Proxy extends SocketAddress {
  readonly kind: 'socks' | 'http'
  readonly login?: { readonly user: string; readonly password: string } | undefined
}

/** The options, as the rest of the driver wants to know them. Times are in milliseconds. */
export interface Settings {
  readonly server: SocketAddress
  readonly user: string
  readonly password: string
  readonly security: 'none' | 'explicit' | 'implicit'
  readonly checkCertificate: boolean
  readonly tlsSessions: number
  readonly proxy?: Proxy | undefined
  readonly limit: number
  /** 0: for good. */
  readonly idleTime: number
  readonly closeTime: number
  readonly shutTime: number
  readonly epsv: boolean
  readonly mlsd: boolean
  readonly hidden: boolean
  readonly writingMdtm: boolean
  /** Of names at the server. */
  readonly charset: 'utf8' | 'latin1'
}

const invalid = (message: string): StorageError => new StorageError('InvalidArgument', message)

/** @throws StorageError `InvalidArgument` on options that contradict each other */
export function resolveSettings(options: FtpOptions): Settings {
  const { host, port, tls, explicit_tls: explicit, user, pass, concurrency } = options
  if (tls && explicit) throw invalid('tls and explicit_tls exclude each other: choose one of them.')
  if (options.ask_password && pass === '') throw invalid('ask_password: nobody can be asked here. Give pass.')
  for (const [name, value] of Object.entries({ host, user, pass })) {
    if (hasControls(value)) throw invalid(`${name} must not contain control characters.`)
  }
  const anonymous = user === '' || user === 'anonymous'
  return {
    server: { host: host.trim().replace(/^\[(.*)\]$/, '$1'), port },
    user: user || 'anonymous',
    password: anonymous && pass === '' ? 'anonymous@' : pass,
    security: tls ? 'implicit' : explicit ? 'explicit' : 'none',
    checkCertificate: !options.no_check_certificate,
    tlsSessions: options.tls_cache_size,
    proxy: proxyOf(options),
    limit: concurrency || Number.POSITIVE_INFINITY,
    idleTime: options.idle_timeout * 1000,
    closeTime: options.close_timeout * 1000,
    shutTime: options.shut_timeout * 1000,
    epsv: !options.disable_epsv,
    mlsd: !options.disable_mlsd && !options.force_list_hidden,
    hidden: options.force_list_hidden,
    writingMdtm: options.writing_mdtm,
    charset: options.disable_utf8 ? 'latin1' : 'utf8',
  }
}

/** What would end a command and begin another one. */
// oxlint-disable-next-line no-control-regex
const hasControls = (value: string): boolean => /[\0-\x1f\x7f]/.test(value)

function proxyOf({ socks_proxy: socks, http_proxy: http }: FtpOptions): Proxy | undefined {
  if (socks !== '' && http !== '') throw invalid('socks_proxy and http_proxy exclude each other: choose one of them.')
  if (socks !== '') return parseProxy('socks', /^socks5h?:\/\//.test(socks) ? socks : `socks5://${socks}`)
  return http === '' ? undefined : parseProxy('http', http)
}

const protocols = { socks: /^socks5h?:$/, http: /^http:$/ } as const
const forms = {
  socks: 'socks_proxy must be host:port or user:password@host:port',
  http: 'http_proxy must be a URL such as http://host:3128',
}
const usualPorts = { socks: 1080, http: 80 } as const

function parseProxy(kind: Proxy['kind'], text: string): Proxy {
  const url = URL.parse(text)
  if (!url || url.hostname === '' || !protocols[kind].test(url.protocol)) throw invalid(`${forms[kind]}.`)
  const [user, password] = [url.username, url.password].map(decoded)
  return {
    kind,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? usualPorts[kind] : Number(url.port),
    login: user ? { user, password: password ?? '' } : undefined,
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
