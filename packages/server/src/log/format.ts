import type { IncomingHttpHeaders } from 'node:http'
import { StorageError } from '@filegate/core'
import { escapeForLog } from './escape.ts'
import { decoded, maskHeader, maskTarget } from './secrets.ts'
import { formatCommonTime, formatIsoTime } from './time.ts'

/** One request, when it is over. */
export interface LoggedRequest {
  readonly remoteAddress: string | undefined
  readonly user: string | null
  readonly method: string
  /** As the client sent it. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** 499 when the client went away before there was an answer. */
  readonly status: number
  /** A function because few formats want it, and it is dear to find out. */
  readonly bodyBytesSent: () => number
  /** Unix milliseconds, when it ended. */
  readonly time: number
  /** Milliseconds. */
  readonly duration: number
}

type Part = (request: LoggedRequest) => string

const targetOf = ({ target }: LoggedRequest): string => escapeForLog(decoded(maskTarget(target)))

const variables: Readonly<Record<string, Part>> = {
  remote_addr: ({ remoteAddress }) => remoteAddress?.replace(/^::ffff:(?=\d)/, '') ?? '-',
  remote_user: ({ user }) => (user === null ? '-' : escapeForLog(user)),
  request: (request) => `${escapeForLog(request.method)} ${targetOf(request)}`,
  request_method: ({ method }) => escapeForLog(method),
  request_uri: targetOf,
  status: ({ status }) => String(status),
  time_local: ({ time }) => formatCommonTime(time),
  time_iso8601: ({ time }) => formatIsoTime(time),
  msec: ({ time }) => (time / 1000).toFixed(3),
  log_level: ({ status }) => (status >= 500 ? 'ERROR' : 'INFO'),
  body_bytes_sent: ({ bodyBytesSent }) => String(bodyBytesSent()),
  request_time: ({ duration }) => (duration / 1000).toFixed(3),
}

export const logVariables: readonly string[] = [...Object.keys(variables), 'http_<name>']

export const defaultLogFormat = '$time_iso8601 $log_level - $remote_addr "$request" $status'

/**
 * Compiles a `--log-format` once into what makes its lines.
 * @throws StorageError `InvalidArgument` on a variable that does not exist.
 */
export function compileLogFormat(format: string): (request: LoggedRequest) => string {
  const parts = format.split(/(\$\w+)/).filter((piece) => piece !== '')
  const compiled = parts.map((piece): Part => (/^\$\w/.test(piece) ? variable(piece.slice(1)) : () => piece))
  return (request) => {
    let line = ''
    for (const part of compiled) line += part(request)
    return line
  }
}

function variable(name: string): Part {
  const known = Object.hasOwn(variables, name) ? variables[name] : undefined
  if (known) return known
  if (name.startsWith('http_') && name.length > 5) return header(name.slice(5).toLowerCase().replaceAll('_', '-'))
  const message = `there is no variable $${name}; there are ${logVariables.map((known) => `$${known}`).join(', ')}`
  throw new StorageError('InvalidArgument', message)
}

function header(name: string): Part {
  return ({ headers }) => {
    const value = headers[name]
    if (value === undefined) return '-'
    return escapeForLog(maskHeader(name, Array.isArray(value) ? value.join(', ') : value))
  }
}
