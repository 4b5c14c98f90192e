import { type Classification, toStorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { classify } from './errors.ts'
import { tagsOf } from './tags.ts'

/** As the library throws it. */
const refused = (status: number, error: unknown, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error('refused'), { status, error, headers: new Headers(headers) })

const tagged = (...tags: readonly string[]): unknown =>
  tags.reduceRight<unknown>((inner, tag) => ({ '.tag': tag, ...(inner !== undefined && { [tag]: inner }) }), undefined)

const meaning = (error: unknown): Classification =>
  toStorageError(error, { provider: 'dropbox', operation: 'write', path: 'a/b' }, classify)

describe('an error of a call on files', () => {
  it.each([
    ['path/not_found', 'NotFound'],
    ['path_lookup/not_found', 'NotFound'],
    ['from_lookup/not_found', 'NotFound'],
    ['path/not_file', 'IsADirectory'],
    ['path/not_folder', 'NotADirectory'],
    ['path/restricted_content', 'AccessDenied'],
    ['path/malformed_path', 'InvalidPath'],
    ['path/disallowed_name', 'InvalidPath'],
    ['path/conflict/folder', 'IsADirectory'],
    ['path/conflict/file_ancestor', 'NotADirectory'],
    ['path/conflict/file', 'AlreadyExists'],
    ['to/conflict/folder', 'AlreadyExists'],
    ['to/no_write_permission', 'AccessDenied'],
    ['path/insufficient_space', 'NoSpace'],
    ['path/team_folder_insufficient_space', 'NoSpace'],
    ['insufficient_quota', 'NoSpace'],
    ['path/too_many_write_operations', 'Throttled'],
    ['too_many_write_operations', 'Throttled'],
    ['too_many_files', 'TooLarge'],
    ['cant_move_folder_into_itself', 'InvalidArgument'],
    ['internal_error', 'Unavailable'],
    ['content_hash_mismatch', 'Unavailable'],
    ['lookup_failed/not_found', 'Conflict'],
    ['unsupported_file', 'Unsupported'],
    ['reset', 'Conflict'],
    ['settings_error/not_authorized', 'AccessDenied'],
  ])('%s means %s', (tags, code) => {
    const error = tagged(...tags.split('/'))
    expect(meaning(refused(409, { error_summary: `${tags}/..`, error }))).toMatchObject({ code })
    expect(meaning(refused(409, { error_summary: `${tags}/...` }))).toMatchObject({ code })
  })

  it('is found in structures, too, as uploads have them', () => {
    const error = { '.tag': 'path', reason: tagged('conflict', 'file'), upload_session_id: 'x' }
    expect(tagsOf(refused(409, { error_summary: 'path/conflict/file/.', error }))).toBe('path/conflict/file')
  })

  it('that is unknown goes by its status', () => {
    expect(meaning(refused(409, { error_summary: 'never_seen/..' }))).toMatchObject({ code: 'Conflict' })
    expect(meaning(refused(503, '<html>'))).toMatchObject({ code: 'Unavailable' })
    expect(meaning(refused(400, 'Error in call to API function "files/upload": bad'))).toMatchObject({
      code: 'InvalidArgument',
    })
    const path = `Error in call to API function "files/get_metadata": request body: path: 'x' did not match pattern '(/)'`
    expect(meaning(refused(400, path))).toMatchObject({ code: 'InvalidPath' })
  })
})

describe('too many requests', () => {
  const body = { error_summary: 'too_many_requests/.', error: { reason: tagged('too_many_requests'), retry_after: 7 } }

  it('are told with the time to wait, from the header or else from the answer', () => {
    expect(meaning(refused(429, body, { 'retry-after': '15' }))).toMatchObject({ code: 'Throttled', retryAfter: 15 })
    expect(meaning(refused(429, body))).toMatchObject({ code: 'Throttled', retryAfter: 7 })
    expect(meaning(refused(429, 'slow down'))).toMatchObject({ code: 'Throttled', fate: 'temporary' })
  })
})

describe('a token', () => {
  it('that lacks a scope is told with the name of the scope', () => {
    const error = { '.tag': 'missing_scope', required_scope: 'files.content.write' }
    expect(meaning(refused(401, { error_summary: 'missing_scope/.', error }))).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('files.content.write'),
    })
  })

  it.each([
    ['invalid_select_user', 'InvalidArgument', 'impersonate'],
    ['user_suspended', 'AccessDenied', 'suspended'],
    ['never_seen', 'Unauthenticated', 'token'],
  ])('that is refused because of %s is %s', (tag, code, word) => {
    const told = meaning(refused(401, { error_summary: `${tag}/...`, error: tagged(tag) }))
    expect(told).toMatchObject({ code, message: expect.stringContaining(word) })
  })

  it('that cannot be had is told by what the endpoint says', () => {
    const refusal = (tokenError: string, tokenStatus = 400): Error =>
      Object.assign(new Error('refused'), { tokenError, tokenStatus, headers: new Headers({ 'retry-after': '3' }) })
    expect(meaning(refusal('invalid_client', 401))).toMatchObject({ code: 'Unauthenticated' })
    expect(meaning(refusal('unsupported_grant_type'))).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('client_credentials'),
    })
    expect(meaning(refusal('', 404))).toMatchObject({ message: expect.stringContaining('token_url') })
    expect(meaning(refusal('', 429))).toMatchObject({ code: 'Throttled', retryAfter: 3 })
    expect(meaning(refusal('', 503))).toMatchObject({ code: 'Unavailable' })
  })
})

it('a namespace that is not there names its option', () => {
  const error = { '.tag': 'no_permission' }
  expect(meaning(refused(422, { error_summary: 'no_permission/.', error }))).toMatchObject({
    code: 'InvalidArgument',
    message: expect.stringContaining('root_namespace'),
  })
})
