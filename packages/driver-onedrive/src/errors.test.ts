import { toStorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { classify, isMissing, isNameTaken } from './errors.ts'
import { type Refusal, refusalOf } from './refusal.ts'

interface Told {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly from?: Refusal['from']
}

const refused = ({ status, body, headers, from }: Told) =>
  refusalOf(
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { ...headers } }),
    from,
  )

const said = (code: string, message = '', inner?: string) => ({
  error: { code, message, ...(inner !== undefined && { innerError: { code: inner, date: '2026-01-01' } }) },
})

async function meaning(told: Told) {
  const call = { provider: 'onedrive', operation: 'read', path: 'a' }
  return toStorageError(await refused(told), call, classify)
}

describe('what OneDrive refuses', () => {
  it.each([
    [{ status: 404, body: said('itemNotFound') }, 'NotFound', /\/a/],
    [{ status: 401, body: said('InvalidAuthenticationToken') }, 'Unauthenticated', /Allow access anew.*region/],
    [{ status: 403, body: said('accessDenied') }, 'AccessDenied', /Files\.Read\.All.*Files\.ReadWrite\.All/],
    [{ status: 403, body: said('malwareDetected') }, 'AccessDenied', /av_override/],
    [{ status: 403, body: '<html>', headers: { 'x-virus-infected': 'EICAR' } }, 'AccessDenied', /av_override/],
    [{ status: 409, body: said('nameAlreadyExists') }, 'AlreadyExists', /already/],
    [{ status: 412, body: said('resourceModified') }, 'PreconditionFailed', /./],
    [{ status: 423, body: said('resourceLocked') }, 'Conflict', /Close it there/],
    [{ status: 423, body: '' }, 'Conflict', /Close it there/],
    [{ status: 507, body: said('quotaLimitReached') }, 'NoSpace', /recycle bin/],
    [{ status: 507, body: '' }, 'NoSpace', /recycle bin/],
    [{ status: 400, body: said('invalidRequest', 'x', 'pathIsTooLong') }, 'InvalidPath', /400 for all of a path/],
    [{ status: 400, body: said('nameTooLong') }, 'InvalidPath', /255 characters for a name/],
    [{ status: 400, body: said('invalidName') }, 'InvalidPath', /CON.*\.lock.*_vti_/],
    [
      { status: 400, body: said('invalidRequest', 'The provided name cannot contain such.') },
      'InvalidPath',
      /encoding/,
    ],
    [
      { status: 400, body: said('invalidRequest', 'The provided drive id appears to be malformed.') },
      'InvalidArgument',
      /drive_id/,
    ],
    [{ status: 416, body: said('invalidRange') }, 'RangeNotSatisfiable', /./],
    [{ status: 410, body: said('resyncRequired') }, 'Conflict', /List again/],
    [{ status: 503, body: said('serviceNotAvailable') }, 'Unavailable', /./],
    [{ status: 504, body: '<html>' }, 'Unavailable', /./],
  ] as const)('%j is %s', async (told, code, message) => {
    const error = await meaning(told)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  it.each([429, 503, 509])('with %i for being asked too often is tried again when it says', async (status) => {
    const error = await meaning({ status, body: said('activityLimitReached'), headers: { 'retry-after': '7' } })
    expect(error).toMatchObject({ code: 'Throttled', retryAfter: 7, fate: 'temporary' })
  })

  it('is tried again where it was an address of bytes that has run out', async () => {
    for (const status of [401, 403, 404, 410]) {
      expect(await meaning({ status, body: '', from: 'bytes' })).toMatchObject({
        code: 'Unavailable',
        fate: 'temporary',
      })
    }
    expect(await meaning({ status: 403, body: said('malwareDetected'), from: 'bytes' })).toMatchObject({
      code: 'AccessDenied',
    })
  })

  it('is recognised by status and word', async () => {
    expect(isMissing(await refused({ status: 404 }))).toBe(true)
    expect(isMissing(await refused({ status: 404, from: 'bytes' }))).toBe(false)
    expect(isNameTaken(await refused({ status: 409, body: said('nameAlreadyExists') }))).toBe(true)
    expect(isNameTaken(new Error('other'))).toBe(false)
  })

  it('holds no more than is of interest, and nothing of it reaches users', async () => {
    const error = await meaning({ status: 400, body: said('generalException', 'https://host/?tempauth=marker') })
    expect(error.message).not.toContain('marker')
    expect((await refused({ status: 500, body: 'x'.repeat(400_000) })).vendorMessage).toBe('')
  })
})

describe('what the token endpoint refuses', () => {
  it.each([
    ['invalid_client', 'Unauthenticated', /client_secret and tenant/],
    ['unauthorized_client', 'Unauthenticated', /registered/],
    ['consent_required', 'Unauthenticated', /administrator/],
    ['invalid_scope', 'Unauthenticated', /access_scopes/],
    ['invalid_request', 'InvalidArgument', /tenant, region/],
  ])('%s says what to look at', (tokenError, code, message) => {
    const found = classify(Object.assign(new Error('no'), { tokenError, tokenStatus: 400, headers: new Headers() }))
    expect(found).toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
