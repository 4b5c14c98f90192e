import { connect, type Socket } from 'node:net'

/**
 * Uploads files by PUT over kept connections, and prints the milliseconds that it took. It does as little as it can, since it shares the
 * machine with the server: requests are bytes that are made beforehand, and of the answers only status and length are looked at.
 *
 * Arguments: folder, port, how many files, bytes of each, connections.
 */
const [folder = '', ...numbers] = process.argv.slice(2)
const [port = 0, files = 0, size = 0, connections = 0] = numbers.map(Number)
const piece = Buffer.alloc(Math.min(size, 1 << 20), 'filegate ')

const headOf = (file: number): Buffer =>
  Buffer.from(`PUT /${folder}/file-${file}.bin HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${size}\r\n\r\n`)

let next = 0

async function uploadAll(): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  const answers = answersOf(socket)
  while (next < files) {
    const file = next++
    socket.cork()
    socket.write(headOf(file))
    for (let sent = 0; sent < size; sent += piece.length) {
      const rest = Math.min(piece.length, size - sent)
      const isFull = !socket.write(rest === piece.length ? piece : piece.subarray(0, rest))
      if (sent === 0) process.nextTick(() => socket.uncork())
      if (socket.destroyed) throw new Error('the server closed the connection')
      if (isFull) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
    }
    const status = await answers()
    if (status !== 201 && status !== 204) throw new Error(`file ${file} was answered with ${status}`)
  }
  socket.destroy()
}

/** Each call waits for one answer, and gives its status. */
function answersOf(socket: Socket): () => Promise<number> {
  let text = ''
  let wake = (): void => {}
  let failure: Error | undefined
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
    wake()
  })
  const fail = (error: Error): void => {
    failure ??= error
    wake()
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))
  return async () => {
    for (;;) {
      if (failure) throw failure
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, Math.max(end, 0)))?.[1] ?? 0)
      if (end >= 0 && text.length >= end + 4 + length) {
        const status = Number(text.slice(9, 12))
        text = text.slice(end + 4 + length)
        return status
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}

const start = performance.now()
await Promise.all(Array.from({ length: connections }, uploadAll))
process.stdout.write(String(performance.now() - start))
