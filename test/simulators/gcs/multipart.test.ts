import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from './api-error.ts'
import { boundaryOf, parseMultipart } from './multipart.ts'

const boundary = '===x=='

function statusOf(body: Buffer): number {
  try {
    parseMultipart(body, boundary)
    return 200
  } catch (error) {
    if (error instanceof ApiError) return error.status
    throw error
  }
}

describe('the parts of a multipart body', () => {
  it.each(['\r\n', '\n'])('come out as they were put in, whatever bytes they have, in lines that end in %j', (end) => {
    const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))
    const tricky = fc.constantFrom('\r\n', '\n', '--', '--x', '\r\n--', '\r\n\r\n', '').map((text) => Buffer.from(text))
    fc.assert(
      fc.property(fc.array(fc.oneof(body, tricky), { minLength: 1, maxLength: 4 }), (bodies) => {
        const parts = bodies.flatMap((one) => [
          Buffer.from(`--${boundary}\r\nA-B: c\r\n\r\n`),
          one,
          Buffer.from('\r\n'),
        ])
        const message = Buffer.concat([...parts, Buffer.from(`--${boundary}--${end}`)])
        const read = parseMultipart(message, boundary)
        expect(read.map(({ body }) => body)).toEqual(bodies)
        expect(read.every(({ headers }) => headers['a-b'] === 'c')).toBe(true)
      }),
    )
  })

  it('are refused without an end, and never break the reader', () => {
    expect(() => parseMultipart(Buffer.from(`--${boundary}\r\n\r\nx\r\n`), boundary)).toThrow('end boundary')
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([200, 400]).toContain(statusOf(Buffer.from(`--${boundary}${text}--${boundary}--`)))
      }),
    )
  })

  it('are told apart by the boundary of the content type', () => {
    expect(boundaryOf('multipart/related; boundary="a b"; x=y', 'multipart/related')).toBe('a b')
    expect(boundaryOf('Multipart/Related;boundary===x==', 'multipart/related')).toBe('==x==')
    expect(boundaryOf("multipart/related; boundary='==x=='", 'multipart/related')).toBe('==x==')
    expect(() => boundaryOf('multipart/related', 'multipart/related')).toThrow('boundary')
    expect(() => boundaryOf('text/plain; boundary=x', 'multipart/related')).toThrow('boundary')
  })
})
