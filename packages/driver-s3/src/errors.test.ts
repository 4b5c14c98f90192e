import { describe, expect, it } from 'vitest'
import { classify } from './errors.ts'

const named = (name: string, status: number, headers = {}) =>
  Object.assign(new Error('said by the vendor'), {
    name,
    $metadata: { httpStatusCode: status },
    $response: { headers },
  })

describe('errors of S3', () => {
  it.each([
    ['NoSuchKey', 404, 'NotFound'],
    ['NoSuchBucket', 404, 'NotFound'],
    ['InvalidAccessKeyId', 403, 'Unauthenticated'],
    ['SignatureDoesNotMatch', 403, 'Unauthenticated'],
    ['AccessDenied', 403, 'AccessDenied'],
    ['AuthorizationHeaderMalformed', 400, 'InvalidArgument'],
    ['PermanentRedirect', 301, 'InvalidArgument'],
    ['UnknownError', 301, 'InvalidArgument'],
    ['UnknownError', 302, 'InvalidArgument'],
    ['SlowDown', 503, 'Throttled'],
    ['InvalidRange', 416, 'RangeNotSatisfiable'],
    ['PreconditionFailed', 412, 'PreconditionFailed'],
    ['InvalidObjectState', 403, 'AccessDenied'],
    ['BucketNotEmpty', 409, 'DirectoryNotEmpty'],
  ])('%s (%i) is %s', (name, status, code) => {
    expect(classify(named(name, status))).toMatchObject({ code })
  })

  it('what is not in the table goes by its status', () => {
    expect(classify(named('UnknownError', 403))).toBeUndefined()
    expect(classify(new Error('anything'))).toBeUndefined()
  })

  it('the time to wait is kept', () => {
    expect(classify(named('SlowDown', 503, { 'retry-after': '7' }))).toMatchObject({ code: 'Throttled', retryAfter: 7 })
  })
})
