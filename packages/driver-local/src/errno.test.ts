import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { classify, ifThere } from './errno.ts'
import { asStorageError } from './storage-error.ts'

const failure = (code: string): Error =>
  Object.assign(new Error(`${code}: /home/me/served/a`), { code, syscall: 'open' })

describe('an error of the file system', () => {
  it.each([
    ['ENOENT', 'NotFound'],
    ['ENOTDIR', 'NotFound'],
    ['ENAMETOOLONG', 'NotFound'],
    ['ELOOP', 'NotFound'],
    ['EACCES', 'AccessDenied'],
    ['EPERM', 'AccessDenied'],
    ['EISDIR', 'IsADirectory'],
    ['EMFILE', 'Unavailable'],
    ['ENFILE', 'Unavailable'],
    ['ENOSPC', 'NoSpace'],
    ['EIO', 'Unexpected'],
  ])('%s means %s', (errno, code) => {
    expect(classify(failure(errno))).toBe(code)
  })

  it('is told without the path on this machine', () => {
    const error = asStorageError(failure('EACCES'), 'read', 'a')
    expect(error.message).not.toContain('/home')
    expect(error).toMatchObject({ code: 'AccessDenied', provider: 'local', operation: 'read', path: 'a' })
  })

  it('of another kind is not classified', () => {
    expect(classify(new TypeError('wrong'))).toBeUndefined()
    expect(classify(Object.assign(new Error('no'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined()
  })
})

describe('what may be missing', () => {
  it('is undefined when it is', () => {
    expect(ifThere(() => readdirSync('/nowhere/at/all'))).toBeUndefined()
  })

  it('is an error when something else is wrong', () => {
    expect(() => ifThere(() => readFileSync('/'))).toThrow('EISDIR')
  })
})
