import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerBrokenRequests } from './broken-requests.ts'

let server: Server
let port = 0
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/slow') response.write('begun')
    else response.end('fine')
  })
  answerBrokenRequests(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address ? address.port : 0
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Everything that is answered until the server closes the connection; `second` is sent once something has come. */
function answerTo(first: string, second?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(first, 'latin1'))
    let text = ''
    socket.on('data', (chunk) => {
      if (text === '' && second !== undefined) socket.write(second)
      text += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

const request = (line: string, headers = ''): string => `${line} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`

describe('what is no HTTP', () => {
  it.each([
    ['a space in the path', request('GET /a b'), 400, 'MALFORMED_REQUEST'],
    ['a path in raw UTF-8', request('GET /\xc3\xa4'), 400, 'MALFORMED_REQUEST'],
    ['a handshake of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'MALFORMED_REQUEST'],
    ['two lengths', request('GET /', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400, 'MALFORMED_REQUEST'],
    ['a huge header', request('GET /', `X: ${'y'.repeat(20_000)}\r\n`), 431, 'HEADERS_TOO_LARGE'],
  ])('is answered in the envelope of all errors: %s', async (_, sent, status, code) => {
    const [head = '', body = ''] = (await answerTo(sent)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toContain('content-type: application/json')
    expect(head).toContain(`content-length: ${body.length}`)
    expect(JSON.parse(body)).toMatchObject({ success: false, code, error: expect.any(String) })
  })

  it('never becomes part of an answer that is under way', async () => {
    const text = await answerTo(request('GET /slow'), 'no HTTP\r\n\r\n')
    expect(text).toContain('begun')
    expect(text).not.toContain('MALFORMED')
  })
})
