import type { Socket } from 'node:net'
import type { FtpConnection } from './connection.ts'

const chunkSize = 65_536

/** Sends bytes over the data connection and says how that went. */
export async function send(
  connection: FtpConnection,
  bytes: Buffer,
  { isFile = false }: { readonly isFile?: boolean } = {},
): Promise<void> {
  if (!connection.passive.isOpen) return connection.reply(425, 'Use PASV first')
  await connection.reply(150, 'Opening data connection')
  const socket = await connection.data()
  if (!socket) return connection.reply(522, 'TLS session of the data connection must be that of the control connection')
  const { broken } = connection.state.faults
  const breaks = isFile && broken.times > 0 && bytes.length > broken.after
  if (breaks) broken.times -= 1
  const isSent = await write(socket, breaks ? bytes.subarray(0, broken.after) : bytes)
  if (breaks || !isSent) {
    if (!socket.destroyed) socket.end()
    socket.resume()
    await closed(socket)
    return connection.reply(426, 'Connection closed; transfer aborted')
  }
  socket.resume()
  socket.end()
  await closed(socket)
  if (!connection.state.manners.silentAfterTransfer) await connection.reply(226, 'Transfer complete')
}

/** Unlike `once`, this does not mind how it came to that. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.once('close', () => resolve())
  })

/** Whether the client took all of it. */
async function write(socket: Socket, bytes: Buffer): Promise<boolean> {
  const gone = closed(socket)
  for (let offset = 0; offset < bytes.length; offset += chunkSize) {
    if (socket.destroyed) return false
    if (!socket.write(bytes.subarray(offset, offset + chunkSize))) {
      const drained = new Promise((resolve) => socket.once('drain', resolve))
      await Promise.race([drained, gone])
    }
  }
  return !socket.destroyed
}

/** Stores what comes over the data connection. What was there is overwritten while it comes. */
export async function receive(connection: FtpConnection, path: string): Promise<void> {
  if (!connection.passive.isOpen) return connection.reply(425, 'Use PASV first')
  const { tree, manners } = connection.state
  const file = { kind: 'file' as const, bytes: Buffer.alloc(0), modified: Date.now() }
  tree.put(path, file)
  await connection.reply(150, 'Ready')
  const socket = await connection.data()
  if (!socket) return connection.reply(522, 'TLS session of the data connection must be that of the control connection')
  const chunks: Buffer[] = []
  try {
    for await (const chunk of socket as AsyncIterable<unknown>) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  } catch {
    return connection.reply(426, 'Connection closed; transfer aborted')
  } finally {
    file.bytes = Buffer.concat(chunks)
  }
  if (!manners.silentAfterTransfer) await connection.reply(226, 'Transfer complete')
}
