import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentialsFiles, lendingOf } from './credentials-files.ts'

let base: string
let folder: string
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-credentials-')))
  folder = join(base, 'credentials')
  mkdirSync(join(folder, 'google'), { recursive: true })
  mkdirSync(join(base, 'credentials-other'))
  for (const name of ['credentials/aws', 'credentials/google/key.json', 'secret', 'credentials-other/key']) {
    writeFileSync(join(base, name), 'x')
  }
  symlinkSync(join(folder, 'aws'), join(folder, 'link-inside'))
  symlinkSync(join(base, 'secret'), join(folder, 'link-outside'))
  symlinkSync(base, join(folder, 'up'))
})
afterAll(() => rmSync(base, { recursive: true }))

describe('a file that an option names', () => {
  it('is found in the folder, by its path in it or its whole path', async () => {
    const resolve = credentialsFiles(folder)
    expect(await resolve('aws')).toBe(join(folder, 'aws'))
    expect(await resolve('./google/key.json')).toBe(join(folder, 'google', 'key.json'))
    expect(await resolve(join(folder, 'aws'))).toBe(join(folder, 'aws'))
    expect(await resolve('link-inside')).toBe(join(folder, 'aws'))
  })

  it.each([
    '../secret',
    'google/../../secret',
    '/etc/passwd',
    'link-outside',
    'up/secret',
    'up',
    '..',
    'a\0b',
    '..\\secret',
  ])('is refused outside: %j', async (path) => {
    await expect(credentialsFiles(folder)(path)).rejects.toThrow('not in the folder')
  })

  it('is refused beside the folder, whatever the names have in common', async () => {
    for (const path of [join(base, 'credentials-other', 'key'), join(base, 'secret'), join(base, 'nothing')]) {
      await expect(credentialsFiles(folder)(path)).rejects.toThrow('not in the folder')
    }
  })

  it('has to be a file that is there', async () => {
    await expect(credentialsFiles(folder)('missing')).rejects.toThrow('There is no file "missing"')
    await expect(credentialsFiles(folder)('google')).rejects.toThrow('is no file')
    await expect(credentialsFiles(folder)('.')).rejects.toThrow('not in the folder')
  })

  it('cannot be named when no folder was chosen', async () => {
    await expect(credentialsFiles(undefined)('aws')).rejects.toThrow('--credentials-dir')
  })

  it('opens what the machine itself has to log in with, too', async () => {
    await expect(lendingOf(undefined)()).rejects.toThrow('--credentials-dir')
    await expect(lendingOf(folder)()).resolves.toBeUndefined()
  })

  it('never lies outside, whatever the path', async () => {
    const part = fc.constantFrom(
      '..',
      '.',
      'aws',
      'google',
      'key.json',
      'up',
      'link-outside',
      'secret',
      '',
      '~',
      '%2e%2e',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const found = await credentialsFiles(folder)(parts.join('/')).catch(() => undefined)
        expect(found === undefined || found.startsWith(`${folder}/`)).toBe(true)
      }),
    )
  })
})
