import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAccessLog } from './access-log.ts'
import { rememberCaller } from './caller.ts'

let folder: string
let logFile: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-log-'))
  logFile = join(folder, 'access.log')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** What stands in the log as soon as something does. */
function logged(): Promise<string> {
  return vi.waitFor(() => {
    const text = readFileSync(logFile, 'utf8')
    if (text === '') throw new Error('nothing was logged')
    return text
  }, 10_000)
}

/** A server that answers with `answer` and logs; closed at the end of the test. */
async function serve(logFormat: string, answer: RequestListener) {
  const log = createAccessLog({ logFormat, logFile })
  const server = createServer((incoming, outgoing) => {
    log?.(incoming, outgoing)
    rememberCaller(incoming, 'ann')
    return answer(incoming, outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close().closeAllConnections() }
}

describe('createAccessLog', () => {
  test('is off for an empty format', () => {
    expect(createAccessLog({ logFormat: '' })).toBeUndefined()
    expect(createAccessLog({ logFormat: ' ' })).toBeUndefined()
  })

  test('writes a line when the response is over, with its user, status and size', async () => {
    const { url, close } = await serve(
      '$remote_addr $remote_user "$request" $status $body_bytes_sent',
      (_, outgoing) => {
        outgoing.writeHead(203, { 'Content-Length': '5' })
        outgoing.end('hello')
      },
    )
    await (await fetch(`${url}/a%20b?x`)).text()
    expect(await logged()).toMatch(/^127\.0\.0\.1 ann "GET \/a b\?x" 203 5\n$/)
    close()
  })

  test('counts the body of a response without a length', async () => {
    const { url, close } = await serve('$status $body_bytes_sent', (_, outgoing) => {
      outgoing.write('x'.repeat(10_000))
      outgoing.end()
    })
    await (await fetch(url)).text()
    // The pieces of a chunked body carry a few bytes of their own.
    expect(await logged()).toMatch(/^200 100\d\d\n$/)
    close()
  })

  test('counts nothing for HEAD', async () => {
    const { url, close } = await serve('$status $body_bytes_sent', (_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': 500 })
      outgoing.end()
    })
    await fetch(url, { method: 'HEAD' })
    expect(await logged()).toMatch(/^200 0\n$/)
    close()
  })

  test('notes a client who left before there was an answer', async () => {
    const arrived = Promise.withResolvers<void>()
    const { url, close } = await serve('$status', () => arrived.resolve())
    const request = httpRequest(url).on('error', () => {})
    request.end()
    await arrived.promise
    request.destroy()
    expect(await logged()).toMatch(/^499\n$/)
    close()
  })
})
