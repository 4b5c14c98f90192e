import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { StorageError } from '@filegate/core'
import type { ListenAddress } from '../settings.ts'

/** The system's own limit for the path of a unix socket, on the strictest system (macOS); Linux has 108. */
const longestSocketPath = 103

/**
 * Reads the values of `--bind`. Relative socket paths start at `folder`.
 * @throws StorageError `InvalidArgument`.
 */
export function parseListenAddresses(texts: readonly string[], port: number, folder: string): ListenAddress[] {
  return texts.flatMap((text) => parseAddress(text, port, folder))
}

function parseAddress(text: string, port: number, folder: string): ListenAddress[] {
  if (text.startsWith('@') && text.length > 1) return [abstractSocket(text)]
  const [, bracketed, plain, ownPort] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = isIP(text) ? text : (bracketed ?? plain ?? '')
  const chosen = isIP(text) || ownPort === undefined ? port : checkedPort(ownPort)
  if (host === 'localhost') return loopback(chosen)
  if (isIP(host)) return [{ host, port: chosen }]
  if (text.includes('/') || text.endsWith('.sock')) return [socketFile(resolve(folder, text))]
  throw new StorageError(
    'InvalidArgument',
    `'${text}' is neither an IP address nor localhost nor the path of a unix socket (with a slash in it)`,
  )
}

function checkedPort(text: string): number {
  if (Number(text) > 65_535) throw new StorageError('InvalidArgument', `the port ${text} is above 65535`)
  return Number(text)
}

function abstractSocket(text: string): ListenAddress {
  if (process.platform === 'linux') return { socket: text }
  throw new StorageError('InvalidArgument', `abstract sockets such as ${text} exist only on Linux`)
}

function socketFile(path: string): ListenAddress {
  if (Buffer.byteLength(path) <= longestSocketPath) return { socket: path }
  throw new StorageError('InvalidArgument', `the socket path ${path} is too long, ${longestSocketPath} bytes at most`)
}

/** Both loopback addresses, as far as this machine has them. */
export function loopback(port: number): ListenAddress[] {
  const present = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const six = present.some(({ address }) => address === '::1')
  return [{ host: '127.0.0.1', port }, ...(six ? [{ host: '::1', port }] : [])]
}

/** Whether the address can be reached only from this machine. */
export function isLocal(address: ListenAddress): boolean {
  return 'socket' in address || address.host === '::1' || address.host.startsWith('127.')
}
