import { describe, expect, it } from 'vitest'
import { refusalOf } from './answers.ts'
import { classify } from './errors.ts'

const never = { upload: false, download: false }
const always = { upload: true, download: true }

const answer = (status: number, reason: string, message = 'words of the vendor', headers = {}): Response =>
  Response.json({ error: { code: status, message, errors: [{ reason, message }] } }, { status, headers })

async function meaning(response: Response, stops = never) {
  const found = classify(await refusalOf(response, stops))
  return typeof found === 'string' ? { code: found } : found
}

describe('what an answer of Google means', () => {
  it.each([
    [403, 'rateLimitExceeded', 'Throttled'],
    [403, 'userRateLimitExceeded', 'Throttled'],
    [429, 'rateLimitExceeded', 'Throttled'],
    [403, 'storageQuotaExceeded', 'NoSpace'],
    [403, 'quotaExceeded', 'Throttled'],
    [403, 'downloadQuotaExceeded', 'Throttled'],
    [403, 'teamDriveFileLimitExceeded', 'NoSpace'],
    [403, 'insufficientPermissions', 'AccessDenied'],
    [403, 'insufficientFilePermissions', 'AccessDenied'],
    [403, 'cannotDownloadAbusiveFile', 'AccessDenied'],
    [403, 'exportSizeLimitExceeded', 'TooLarge'],
    [401, 'authError', 'Unauthenticated'],
    [416, 'requestedRangeNotSatisfiable', 'RangeNotSatisfiable'],
    [500, 'backendError', 'Unavailable'],
  ])('%i with %s is %s', async (status, reason, code) => {
    const found = await meaning(answer(status, reason))
    expect(found).toMatchObject({ code })
    expect(found).not.toHaveProperty('fate')
  })

  it.each([
    ['insufficientPermissions', 'with the scope drive'],
    ['storageQuotaExceeded', 'Empty its trash'],
    ['cannotDownloadAbusiveFile', 'acknowledge_abuse'],
    ['accessNotConfigured', 'Switch it on'],
  ])('%s says what to do', async (reason, words) => {
    const found = await meaning(answer(403, reason))
    expect(found?.message).toContain(words)
    expect(found?.message).not.toContain('words of the vendor')
  })

  it('is known by the detail that says that a scope is missing', async () => {
    const error = {
      message: 'Request had insufficient authentication scopes.',
      errors: [{ reason: 'forbidden' }],
      details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }],
    }
    expect(await meaning(Response.json({ error }, { status: 403 }))).toMatchObject({ code: 'AccessDenied' })
  })

  it('tells how long to wait', async () => {
    const found = await meaning(answer(403, 'userRateLimitExceeded', 'slow', { 'retry-after': '7' }))
    expect(found).toMatchObject({ retryAfter: 7 })
  })

  it('goes by its status where no table knows it', async () => {
    expect(await meaning(answer(403, 'somethingNew'))).toBeUndefined()
    expect(await meaning(new Response('nothing', { status: 502 }))).toBeUndefined()
    const page = new Response('<html>not here</html>', { status: 404 })
    expect(await meaning(page)).toMatchObject({ code: 'InvalidArgument' })
    expect(await meaning(answer(404, 'notFound'))).toBeUndefined()
  })
})

describe('limits that options stop at', () => {
  it.each([
    ['quotaExceeded', 'x'],
    ['storageQuotaExceeded', 'x'],
    ['teamDriveFileLimitExceeded', 'x'],
    ['userRateLimitExceeded', 'User rate limit exceeded.'],
    ['downloadQuotaExceeded', 'x'],
  ])('%s is not tried again', async (reason, message) => {
    expect(await meaning(answer(403, reason, message), always)).toMatchObject({ fate: 'permanent' })
    expect(await meaning(answer(403, reason, message))).not.toHaveProperty('fate')
  })

  it('do not count haste', async () => {
    const found = await meaning(
      answer(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded. Rate of requests ...'),
      always,
    )
    expect(found).not.toHaveProperty('fate')
  })

  it('are those of their own direction', async () => {
    const upload = { upload: true, download: false }
    expect(await meaning(answer(403, 'downloadQuotaExceeded'), upload)).not.toHaveProperty('fate')
    const download = { upload: false, download: true }
    expect(await meaning(answer(403, 'quotaExceeded'), download)).not.toHaveProperty('fate')
  })
})

describe('what a token endpoint says', () => {
  const refusal = (tokenError: string, tokenStatus = 400): Error =>
    Object.assign(new Error('The token endpoint answered.'), { tokenError, tokenStatus, headers: new Headers() })

  it.each([
    ['invalid_grant', 'Unauthenticated'],
    ['invalid_client', 'Unauthenticated'],
    ['unauthorized_client', 'InvalidArgument'],
    ['unsupported_grant_type', 'InvalidArgument'],
    ['invalid_scope', 'InvalidArgument'],
    ['', 'InvalidArgument'],
    ['constructor', 'InvalidArgument'],
  ])('%s is %s', (word, code) => {
    expect(classify(refusal(word))).toMatchObject({ code })
  })

  it('may pass', () => {
    expect(classify(refusal('', 503))).toMatchObject({ code: 'Unavailable' })
    expect(classify(refusal('', 429))).toMatchObject({ code: 'Throttled' })
  })
})
