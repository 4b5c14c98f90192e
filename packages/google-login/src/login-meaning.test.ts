import { describe, expect, it } from 'vitest'
import { loginMeaning, type Refusals } from './login-meaning.ts'

const refusals: Refusals = { invalid_grant: { code: 'Unauthenticated', message: 'Gone.' } }
const refusal = (tokenStatus: number, tokenError = '', retryAfter = '3'): Error =>
  Object.assign(new Error('refused'), { tokenStatus, tokenError, headers: new Headers({ 'retry-after': retryAfter }) })

describe('an answer of a token endpoint', () => {
  it('means what the driver says', () => {
    expect(loginMeaning(refusal(400, 'invalid_grant'), refusals)).toEqual(refusals['invalid_grant'])
  })

  it('that does not know the client means the same everywhere', () => {
    expect(loginMeaning(refusal(401, 'invalid_client'), refusals)).toMatchObject({
      code: 'Unauthenticated',
      message: expect.stringContaining('client_id'),
    })
  })

  it.each([
    [429, 'Throttled'],
    [500, 'Unavailable'],
    [503, 'Unavailable'],
  ])('of status %i asks to come back', (status, code) => {
    expect(loginMeaning(refusal(status), refusals)).toEqual({ code, retryAfter: 3 })
  })

  it.each(['', 'slow_down', 'constructor', '__proto__'])('with the word %j is none', (word) => {
    expect(loginMeaning(refusal(400, word), refusals)).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('token_url'),
    })
  })
})

it('a machine without credentials is one that cannot log in', () => {
  const error = new Error('Could not load the default credentials. Browse to …')
  expect(loginMeaning(error, refusals)).toMatchObject({ code: 'Unauthenticated' })
})

it.each([
  new Error('Could not be reached'),
  Object.assign(new Error('default credentials'), { status: 403 }),
  { tokenStatus: '400' },
  'default credentials',
  undefined,
  null,
])('%j has nothing to do with logging in', (error) => {
  expect(loginMeaning(error, refusals)).toBeUndefined()
})
