import { type SocketAddress, StorageError } from '@filegate/core'
import { isIPv6, type Socket } from 'node:net'
import { readExactly } from './exact-bytes.ts'
import type { Proxy } from './settings.ts'

/** Makes the proxy at the other end of the socket connect to an address. From then on the socket leads there. */
export async function throughProxy(socket: Socket, proxy: Proxy, address: SocketAddress): Promise<void> {
  await (proxy.kind === 'socks' ? socksConnect(socket, proxy, address) : httpConnect(socket, proxy, address))
}

/** RFC 1928, and RFC 1929 for the log-in. Names are left for the proxy to resolve. */
async function socksConnect(socket: Socket, { login }: Proxy, { host, port }: SocketAddress): Promise<void> {
  socket.write(login ? Buffer.of(5, 2, 0, 2) : Buffer.of(5, 1, 0))
  const [version, method] = await readExactly(socket, 2)
  if (version !== 5) throw refused('The SOCKS proxy does not speak version 5.')
  if (method === 2 && login) {
    socket.write(Buffer.concat([Buffer.of(1), counted(login.user), counted(login.password)]))
    const [, status] = await readExactly(socket, 2)
    if (status !== 0) throw new StorageError('Unauthenticated', 'The SOCKS proxy did not accept its user and password.')
  } else if (method !== 0) {
    throw new StorageError('Unauthenticated', 'The SOCKS proxy wants a log-in. Put user:password@ before its host.')
  }
  const target = Buffer.concat([Buffer.of(5, 1, 0, 3), counted(host), Buffer.of(port >> 8, port & 255)])
  socket.write(target)
  const [, reply, , kind] = await readExactly(socket, 4)
  if (reply !== 0) throw refused(`The SOCKS proxy could not connect to the FTP server (reply ${reply}).`)
  const length = kind === 1 ? 4 : kind === 4 ? 16 : Number((await readExactly(socket, 1))[0])
  await readExactly(socket, length + 2)
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > 255) throw new StorageError('InvalidArgument', 'A SOCKS proxy takes at most 255 bytes of a name.')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

const longestHead = 16_384

/** RFC 9110, section 9.3.6. */
async function httpConnect(socket: Socket, { login }: Proxy, { host, port }: SocketAddress): Promise<void> {
  const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  const key = login && Buffer.from(`${login.user}:${login.password}`).toString('base64')
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, ...(key ? [`Proxy-Authorization: Basic ${key}`] : [])]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let head = ''
  // Byte by byte, as the first words of the FTP server may come right behind.
  while (!head.endsWith('\r\n\r\n')) {
    head += (await readExactly(socket, 1)).toString('latin1')
    if (head.length > longestHead) throw refused('The HTTP proxy gave no proper answer.')
  }
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1])
  if (status === 407) throw new StorageError('Unauthenticated', 'The HTTP proxy did not accept its user and password.')
  if (!(status >= 200 && status < 300)) throw refused(`The HTTP proxy would not connect to the FTP server (${status}).`)
}

const refused = (message: string): StorageError => new StorageError('Unavailable', message)
