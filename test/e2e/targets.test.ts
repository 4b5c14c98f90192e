import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawRequest, type Serving, serve } from './serving.ts'

let plain: Serving
let prefixed: Serving
beforeAll(async () => {
  const tree = { 'a.txt': 'text', 'files/a.txt': 'other', 'api/x.txt': 'in api' }
  plain = await serve(tree)
  prefixed = await serve(tree, { pathPrefix: '/under/here' })
})
afterAll(() => Promise.all([plain.stop(), prefixed.stop()]))

/** Sends bytes as they are, and gives back all that is answered until the connection closes. */
function exchange({ origin }: Serving, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'))
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

const asked = (target: string, version = '1.1', headers = 'Host: localhost\r\nConnection: close\r\n'): string =>
  `GET ${target} HTTP/${version}\r\n${headers}\r\n`

describe('the target of a request', () => {
  it.each(['/a.txt', '//a.txt', '/./a.txt', '/%61.txt', '/api/v1/files/a.txt', '/api/v1/files//a.txt'])(
    'leads to the file: %s',
    async (target) => {
      const { status, body } = await rawRequest(plain.origin, target)
      expect([status, body.toString()]).toEqual([200, 'text'])
    },
  )

  it.each(['http://somewhere.else/a.txt', 'http://user:pw@somewhere.else:81/api/v1/files/a.txt', 'http:///a.txt'])(
    'may be a whole URL, of which the path counts: %s',
    async (target) => {
      expect(await exchange(plain, asked(target))).toMatch(/^HTTP\/1.1 200 [^]*\r\n\r\ntext$/)
    },
  )

  it.each([
    ['/x/../api/v1/files/a.txt', 400],
    ['/%2e%2e/api/v1/files/a.txt', 400],
    ['/api/v1/files/../../../a.txt', 400],
    ['/%61pi/v1/files/a.txt', 404],
    ['/api%2fv1/files/a.txt', 404],
    ['/x/./api/v1/files/a.txt', 404],
  ])('means one thing to the router and to the reader: %s is answered %i', async (target, status) => {
    for (const server of [plain, prefixed]) {
      const prefix = server === prefixed ? '/under/here' : ''
      const answer = await rawRequest(server.origin, `${prefix}${target}`)
      expect(answer.status).toBe(status)
      const below = decodeURIComponent(target)
      expect(answer.body.toString()).toContain(status === 404 ? below.replace('/./', '/') : '..')
    }
  })

  it.each([
    '/',
    '/a.txt',
    '/under',
    '/under/hereafter/a.txt',
    '/under/%68ere/../a.txt',
    '/under/../under/here/a.txt',
    '/UNDER/here/a.txt',
  ])('leads nowhere outside the prefix, for GET and HEAD alike: %s', async (target) => {
    for (const method of ['GET', 'HEAD']) {
      expect((await rawRequest(prefixed.origin, target, { method })).status).toBe(404)
    }
  })

  it('needs no Host in HTTP/1.0', async () => {
    expect(await exchange(plain, asked('/a.txt', '1.0', ''))).toMatch(/^HTTP\/1.1 200 [^]*\r\n\r\ntext$/)
  })
})

describe('what is no HTTP', () => {
  it.each([
    ['a space in the path', asked('/a b')],
    [
      'both kinds of length',
      asked('/a.txt', '1.1', 'Host: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n'),
    ],
    ['a line feed alone', 'GET /a.txt HTTP/1.1\nHost: localhost\n\n'],
    ['a carriage return in a header', asked('/a.txt', '1.1', 'Host: localhost\r\nX: a\rRange: bytes=0-0\r\n')],
    ['a folded header', asked('/a.txt', '1.1', 'Host: localhost\r\nX: a\r\n b\r\n')],
  ])('is answered 400 in the envelope: %s', async (_, bytes) => {
    const text = await exchange(plain, bytes)
    expect(text).toMatch(/^HTTP\/1.1 400 /)
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ success: false })
    expect(text.match(/HTTP\/1.1/g)).toHaveLength(1)
  })

  it('a body that looks like a request is not one', async () => {
    const inner = asked('/api/x.txt')
    const text = await exchange(
      plain,
      asked('/a.txt', '1.1', `Host: localhost\r\nContent-Length: ${inner.length}\r\n`) + inner + asked('/a.txt'),
    )
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(2)
    expect(text).not.toContain('in api')
  })
})
