import { describe, expect, it } from 'vitest'
import { classify } from './errors.ts'

const refusal = (status: number, told: object = {}): Error =>
  Object.assign(new Error('said by the vendor'), { status, reason: '', said: '', headers: {}, isApi: true, ...told })

describe('errors of Google Cloud Storage', () => {
  it.each([
    [401, { reason: 'authError', said: 'Invalid Credentials' }, 'Unauthenticated', /access token/],
    [401, { reason: 'required', said: 'Anonymous caller does not have access' }, 'Unauthenticated', /without a login/],
    [403, { reason: 'rateLimitExceeded' }, 'Throttled', undefined],
    [403, { reason: 'userRateLimitExceeded' }, 'Throttled', undefined],
    [403, { reason: 'insufficientPermissions' }, 'AccessDenied', /scope/],
    [404, { said: 'The specified bucket does not exist.', bucket: 'one' }, 'NotFound', /'one'/],
    [404, { said: 'No such object: one/two', bucket: 'one' }, 'NotFound', undefined],
    [404, { said: '<!doctype html><html>', isApi: false }, 'InvalidArgument', /Check endpoint/],
    [
      400,
      { said: 'Bucket is a requester pays bucket but no user project provided.' },
      'InvalidArgument',
      /user_project/,
    ],
    [
      400,
      { said: 'Cannot insert legacy ACL for an object when uniform bucket-level access is enabled.' },
      'InvalidArgument',
      /bucket_policy_only/,
    ],
    [400, { said: 'The specified location constraint is not valid.' }, 'InvalidArgument', /location/],
    [409, { said: 'The bucket you tried to delete is not empty.' }, 'DirectoryNotEmpty', undefined],
    [409, { said: 'Your previous request to create the named bucket succeeded' }, 'AlreadyExists', /bucket/],
    [412, { reason: 'conditionNotMet' }, 'PreconditionFailed', undefined],
    [416, { reason: 'requestedRangeNotSatisfiable' }, 'RangeNotSatisfiable', undefined],
    [503, { reason: 'backendError' }, 'Unavailable', undefined],
    [302, {}, 'InvalidArgument', /Check endpoint/],
  ])('%i with %j is %s', (status, told, code, message) => {
    const found = classify(refusal(status, told))
    const expected = typeof found === 'string' ? { code: found } : found
    expect(expected).toMatchObject({ code })
    expect(expected?.message ?? 'in general words').toMatch(message ?? /^in general words$/)
  })

  it('what is in no table goes by its status', () => {
    expect(classify(refusal(403, { reason: 'forbidden' }))).toBeUndefined()
    expect(classify(new Error('anything'))).toBeUndefined()
  })

  it('the time to wait is kept', () => {
    expect(classify(refusal(503, { reason: 'backendError', headers: { 'retry-after': '7' } }))).toMatchObject({
      code: 'Unavailable',
      retryAfter: 7,
    })
    const told = { tokenError: '', tokenStatus: 429, headers: new Headers({ 'retry-after': '3' }) }
    expect(classify(Object.assign(new Error('x'), told))).toMatchObject({ code: 'Throttled', retryAfter: 3 })
  })
})
