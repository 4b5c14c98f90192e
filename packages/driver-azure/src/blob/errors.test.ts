import { describe, expect, it } from 'vitest'
import { classify } from './errors.ts'

const failed = (code: string | undefined, statusCode: number, headers: Readonly<Record<string, string>> = {}) =>
  Object.assign(new Error('said by the service'), {
    name: 'RestError',
    code,
    statusCode,
    response: { headers: new Headers(headers) },
  })

describe('errors of Azure Blob Storage', () => {
  it.each([
    ['BlobNotFound', 404, 'NotFound'],
    ['ContainerNotFound', 404, 'NotFound'],
    ['OutOfRangeInput', 400, 'NotFound'],
    ['AuthenticationFailed', 403, 'Unauthenticated'],
    ['NoAuthenticationInformation', 401, 'Unauthenticated'],
    ['AuthorizationPermissionMismatch', 403, 'AccessDenied'],
    ['AuthorizationFailure', 403, 'AccessDenied'],
    ['BlobArchived', 409, 'Conflict'],
    ['SnapshotsPresent', 409, 'Conflict'],
    ['InvalidBlockList', 400, 'Conflict'],
    ['BlobAlreadyExists', 409, 'PreconditionFailed'],
    ['ConditionNotMet', 412, 'PreconditionFailed'],
    ['ConditionNotMet', 304, 'NotModified'],
    ['InvalidRange', 416, 'RangeNotSatisfiable'],
    ['ServerBusy', 503, 'Throttled'],
    ['InternalError', 500, 'Unavailable'],
    ['OperationTimedOut', 500, 'TimedOut'],
    [undefined, 302, 'InvalidArgument'],
  ])('%s (%i) is %s', (name, status, code) => {
    const known = classify(failed(name, status))
    expect(typeof known === 'string' ? known : known?.code).toBe(code)
  })

  it('what is not in the table goes by its status', () => {
    expect(classify(failed('SomethingNew', 403))).toBeUndefined()
    expect(classify(new Error('anything'))).toBeUndefined()
    expect(classify('text')).toBeUndefined()
  })

  it('the time to wait is kept, whether the service says why or not', () => {
    const wait = { 'retry-after': '7' }
    expect(classify(failed('ServerBusy', 503, wait))).toMatchObject({ code: 'Throttled', retryAfter: 7 })
    expect(classify(failed(undefined, 503, wait))).toEqual({ code: 'Unavailable', retryAfter: 7 })
  })
})
