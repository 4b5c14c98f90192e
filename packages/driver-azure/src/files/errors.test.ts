import { describe, expect, it } from 'vitest'
import { classify } from './errors.ts'

const named = (code: string | undefined, statusCode: number, headers: Record<string, string> = {}) =>
  Object.assign(new Error('said by the vendor'), {
    name: 'RestError',
    code,
    statusCode,
    response: { headers: new Headers(headers) },
  })

describe('errors of Azure Files', () => {
  it.each([
    ['ResourceNotFound', 404, 'NotFound'],
    ['ParentNotFound', 404, 'NotFound'],
    ['ShareNotFound', 404, 'NotFound'],
    ['ResourceAlreadyExists', 409, 'AlreadyExists'],
    ['SharingViolation', 409, 'Conflict'],
    ['ReadOnlyAttribute', 409, 'AccessDenied'],
    ['AuthenticationFailed', 403, 'Unauthenticated'],
    ['AuthorizationPermissionMismatch', 403, 'AccessDenied'],
    ['InvalidResourceName', 400, 'InvalidPath'],
    ['InvalidRange', 416, 'RangeNotSatisfiable'],
    ['ServerBusy', 503, 'Throttled'],
    ['OperationTimedOut', 500, 'TimedOut'],
    ['ShareSizeLimitReached', 413, 'NoSpace'],
  ])('%s (%i) is %s', (code, status, meaning) => {
    expect(classify(named(code, status))).toMatchObject({ code: meaning })
  })

  it('what is in no table goes by its status', () => {
    expect(classify(named('SomethingNew', 403))).toBeUndefined()
    expect(classify(named('constructor', 403))).toBeUndefined()
    expect(classify(new Error('anything'))).toBeUndefined()
  })

  it('the time to wait is kept', () => {
    expect(classify(named('ServerBusy', 503, { 'retry-after': '7' }))).toMatchObject({ retryAfter: 7 })
  })

  it('an answer that sends elsewhere is none of Azure Files', () => {
    expect(classify(named(undefined, 302))).toMatchObject({ code: 'InvalidArgument' })
  })

  it('a body that ends too soon may be asked for again', () => {
    const error = new Error('Data corruption failure: received less data than required')
    expect(classify(error)).toMatchObject({ code: 'Unavailable' })
  })
})
