import { StorageError } from '@filegate/core'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIPv6, type Socket } from 'node:net'
import { plainHost, type Target } from './proxy-route.ts'

/** Milliseconds that a proxy may take to let us through, which includes its own connecting. */
const patience = 20_000

/** Where a proxy listens. */
export function addressOf({ protocol, hostname, port }: URL): Target {
  const host = hostname.replace(/^\[|\]$/g, '')
  return { protocol, host, port: Number(port || (protocol === 'https:' ? 443 : 80)) }
}

/** What a proxy asks who comes (RFC 7617), where its URL names a login. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(login).toString('base64')}`
}

/**
 * Asks a proxy for a connection to the target (RFC 9110, section 9.3.6) that nobody on the way can read. The address rules do
 * not hold for the proxy itself: whoever started the server named it.
 * @throws StorageError
 */
export async function openTunnel(proxy: URL, target: Target): Promise<Socket> {
  const name = plainHost(target.host)
  const authority = `${isIPv6(name) ? `[${name}]` : name}:${target.port}`
  const authorization = proxyAuthorization(proxy)
  const options: RequestOptions = {
    method: 'CONNECT',
    host: addressOf(proxy).host,
    port: addressOf(proxy).port,
    path: authority,
    headers: { host: authority, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
    agent: false,
    timeout: patience,
  }
  const asked = proxy.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  asked.once('connect', ({ statusCode = 0 }, socket, head) => {
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy()
      reject(refusal(statusCode, target))
      return
    }
    // What is agreed on from here has a patience of its own.
    socket.setTimeout(0)
    if (head.length > 0) socket.unshift(head)
    resolve(socket)
  })
  // Of a proxy that never heard of CONNECT.
  asked.once('response', (response) => {
    response.destroy()
    reject(refusal(response.statusCode ?? 0, target))
  })
  asked.once('timeout', () =>
    asked.destroy(new StorageError('TimedOut', `The proxy of this server took too long to reach ${target.host}.`)),
  )
  asked.once('error', (error) => reject(unreachable(error)))
  asked.end()
  return promise
}

function refusal(status: number, { host, port }: Target): StorageError {
  const said = `The proxy of this server answered ${status} when it was asked for ${host}:${port}.`
  if (status === 407) {
    return new StorageError('Unavailable', `${said} It wants a login, as in http://user:password@proxy:port.`, {
      fate: 'permanent',
    })
  }
  if (status >= 500) return new StorageError('Unavailable', `${said} It may not reach that host.`)
  return new StorageError('Unavailable', `${said} It does not let the server connect there.`, { fate: 'permanent' })
}

const unreachable = (cause: Error): StorageError =>
  StorageError.is(cause)
    ? cause
    : new StorageError('Unavailable', 'The proxy of this server could not be reached.', { cause })
