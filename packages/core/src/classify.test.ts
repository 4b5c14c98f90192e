import { describe, expect, it } from 'vitest'
import { classifyByConvention, toStorageError } from './classify.ts'
import { codeOfStatus, parseRetryAfter } from './classify-status.ts'
import { errorCodes, StorageError } from './error.ts'

const call = { provider: 'vendor', operation: 'stat', path: 'a/b.txt' }
const failed = (members: object, cause?: unknown): Error => Object.assign(new Error('secret text', { cause }), members)

describe('the classification by convention', () => {
  it.each([
    [400, 'InvalidArgument'],
    [401, 'Unauthenticated'],
    [403, 'AccessDenied'],
    [404, 'NotFound'],
    [408, 'TimedOut'],
    [409, 'Conflict'],
    [410, 'NotFound'],
    [412, 'PreconditionFailed'],
    [413, 'TooLarge'],
    [416, 'RangeNotSatisfiable'],
    [418, 'Unexpected'],
    [423, 'Conflict'],
    [429, 'Throttled'],
    [500, 'Unavailable'],
    [501, 'Unsupported'],
    [503, 'Unavailable'],
    [507, 'NoSpace'],
    [522, 'Unavailable'],
    [304, 'NotModified'],
    [200, undefined],
    [20, undefined],
  ])('takes the HTTP status %i for %s', (status, code) => {
    expect(codeOfStatus(status)).toBe(code)
  })

  it.each([
    ['status', { status: 404 }],
    ['statusCode', { statusCode: 404 }],
    ['AWS metadata', { $metadata: { httpStatusCode: 404 } }],
    ['a response', { response: { status: 404 } }],
    ['a numeric code', { code: 404 }],
  ])('finds the status in %s', (_place, members) => {
    expect(classifyByConvention(failed(members))).toMatchObject({ code: 'NotFound' })
  })

  it.each([
    ['a Headers object', { status: 429, headers: new Headers({ 'Retry-After': '7' }) }],
    ['a plain object', { status: 429, headers: { 'retry-after': '7' } }],
    ['a plain object with capitals', { status: 429, response: { headers: { 'Retry-After': '7' } } }],
    ['a member of its own', { status: 429, retryAfter: 7 }],
  ])('finds the pause that the vendor asks for in %s', (_place, members) => {
    expect(classifyByConvention(failed(members))).toEqual({ code: 'Throttled', retryAfter: 7 })
  })

  it.each([
    ['ECONNRESET', 'Unavailable', 'temporary'],
    ['ECONNREFUSED', 'Unavailable', 'temporary'],
    ['EAI_AGAIN', 'Unavailable', 'temporary'],
    ['ETIMEDOUT', 'TimedOut', 'temporary'],
    ['UND_ERR_HEADERS_TIMEOUT', 'TimedOut', 'temporary'],
    ['UND_ERR_SOCKET', 'Unavailable', 'temporary'],
    ['ENOTFOUND', 'Unavailable', 'permanent'],
    ['HPE_INVALID_CONSTANT', 'Unavailable', 'permanent'],
    ['HPE_INVALID_CHUNK_SIZE', 'Unavailable', 'temporary'],
    ['CERT_HAS_EXPIRED', 'Unavailable', 'permanent'],
    ['ENOSYS', 'Unexpected', 'permanent'],
    ['toString', 'Unexpected', 'permanent'],
  ])('takes the network code %s for %s, %s', (code, expected, fate) => {
    const error = toStorageError(new TypeError('fetch failed', { cause: failed({ code }) }), call)
    expect(error).toMatchObject({ code: expected, fate })
  })

  it('says why nothing answers, and that it may be tried again', () => {
    const error = toStorageError(new TypeError('fetch failed', { cause: failed({ code: 'ECONNREFUSED' }) }), call)
    expect(error).toMatchObject({ fate: 'temporary', message: expect.stringContaining('nothing listens') })
  })

  it('looks through wrapped and collected errors', () => {
    const refused = failed({ code: 'ECONNREFUSED' })
    expect(classifyByConvention(failed({}, failed({}, refused)))).toMatchObject({ code: 'Unavailable' })
    expect(classifyByConvention(new AggregateError([refused, refused]))).toMatchObject({ code: 'Unavailable' })
  })

  it('survives errors that cause themselves, and what is no error at all', () => {
    const circular = failed({})
    circular.cause = circular
    for (const odd of [circular, undefined, null, 'text', 7, {}, Object.create(null)]) {
      expect(classifyByConvention(odd)).toBeUndefined()
    }
  })
})

describe('a Retry-After', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  it.each([
    ['120', 120],
    [' 0 ', 0],
    ['1.5', 1.5],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('of %j means %s seconds', (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds)
  })
})

describe('toStorageError', () => {
  it('has a sentence for every code that says what was wrong, and repeats nothing of the vendor', () => {
    for (const code of errorCodes) {
      const { message } = toStorageError(failed({}), call, () => code)
      expect(message).toMatch(/^[A-Za-z/].*[.t]$/)
      expect(message).not.toContain('secret')
      expect(message).not.toContain('undefined')
    }
  })

  it('lets the table of the driver go first, and say its own sentence and fate', () => {
    const classified = toStorageError(failed({ status: 404 }), call, () => ({
      code: 'Conflict',
      fate: 'temporary',
      message: 'Busy with a move.',
    }))
    expect(classified).toMatchObject({ code: 'Conflict', fate: 'temporary', message: 'Busy with a move.' })
  })

  it('says nothing new about a StorageError', () => {
    const known = new StorageError('NotFound', 'Not here.', { path: 'x' })
    expect(toStorageError(known, call, () => 'Conflict')).toMatchObject({ code: 'NotFound', path: 'x' })
  })

  it('finds a refusal of ours inside an error of a vendor library', () => {
    const refusal = new StorageError('AccessDenied', 'The address is private.')
    const wrapped = new TypeError('fetch failed', { cause: new Error('connect', { cause: refusal }) })
    expect(toStorageError(wrapped, { provider: 'demo', operation: 'stat', path: 'a' })).toMatchObject({
      code: 'AccessDenied',
      message: 'The address is private.',
      provider: 'demo',
    })
  })
})
