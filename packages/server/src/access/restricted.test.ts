import { memory, parsePath, type StorageDriver } from '@filegate/core'
import { describe, expect, test } from 'vitest'
import { createIdentify } from './identify.ts'
import { restricted } from './restricted.ts'
import { parseRules } from './rules.ts'
import { everything, type Scope } from './scope.ts'

const files = {
  'public/a.txt': 'a',
  'public/deep/b.txt': 'b',
  'private/secret.txt': 'secret',
  'mixed/open/c.txt': 'c',
  'mixed/closed/d.txt': 'd',
  'mixed/file.txt': 'e',
  '.git/config': 'f',
  'public/.git/config': 'g',
}

function scopeOf(rules: readonly string[], hidden: readonly string[] = [], login?: string): Scope | Promise<Scope> {
  const identify = createIdentify({ accounts: parseRules(rules), hidden })
  const basic = login && `Basic ${Buffer.from(login).toString('base64')}`
  return identify((name) => (name === 'authorization' ? basic : undefined))
}

async function namesIn(storage: StorageDriver, path: string): Promise<string[]> {
  return (await storage.list(parsePath(path))).items.map(({ name }) => name).sort()
}

async function walked(storage: StorageDriver, path: string): Promise<string[]> {
  const page = await storage.walk?.(parsePath(path))
  return (page?.items ?? []).map((entry) => entry.path).sort()
}

describe('restricted', () => {
  const driver = memory(files)

  test('is the very driver for a caller who may see everything', () => {
    expect(restricted(driver, everything)).toBe(driver)
  })

  test('lets nobody who may not see everything have a service copy files to or from elsewhere', async () => {
    const handle = async () => ({ service: 'any', reference: 'x' })
    const across = { ...driver, handle, copyFrom: async () => driver.stat(parsePath('public/a.txt')) }
    const storage = restricted(across, await scopeOf(['@/public']))
    expect(Object.keys(storage)).not.toContain('handle')
    expect(Object.keys(storage)).not.toContain('copyFrom')
  })

  test('shows what may be read and the way to it', async () => {
    const storage = restricted(driver, await scopeOf(['@/public', '@/mixed/open']))
    expect(await namesIn(storage, '')).toEqual(['mixed', 'public'])
    expect(await namesIn(storage, 'mixed')).toEqual(['open'])
    expect(await walked(storage, '')).toEqual([
      'mixed',
      'mixed/open',
      'mixed/open/c.txt',
      'public',
      'public/.git',
      'public/.git/config',
      'public/a.txt',
      'public/deep',
      'public/deep/b.txt',
    ])
  })

  test.each(['private', 'private/secret.txt', 'private/no-such-file', 'mixed/closed', 'no-such-folder'])(
    'refuses /%s the same on every method, whether it exists or not',
    async (text) => {
      const path = parsePath(text)
      const storage = restricted(driver, await scopeOf(['ann:pw@/public,/mixed/open'], [], 'ann:pw'))
      const refused = { code: 'AccessDenied', message: `Access to /${text} is forbidden.` }
      await expect(storage.stat(path)).rejects.toMatchObject(refused)
      await expect(storage.list(path)).rejects.toMatchObject(refused)
      await expect(storage.read(path)).rejects.toMatchObject(refused)
      await expect(storage.walk?.(path)).rejects.toMatchObject(refused)
      await expect(storage.hash?.(path, { algorithm: 'sha256' })).rejects.toMatchObject(refused)
      await expect(storage.revisions?.(path)).rejects.toMatchObject(refused)
    },
  )

  test('asks a stranger to log in', async () => {
    const storage = restricted(driver, await scopeOf(['ann:pw@/', '@/public']))
    await expect(storage.stat(parsePath('private'))).rejects.toMatchObject({ code: 'Unauthenticated' })
    await expect(storage.stat(parsePath('public'))).resolves.toMatchObject({ kind: 'directory' })
  })

  test('does not hand out a file that only has the name of a folder on the way', async () => {
    const storage = restricted(memory({ mixed: 'a file' }), await scopeOf(['ann:pw@/mixed/open'], [], 'ann:pw'))
    await expect(storage.stat(parsePath('mixed'))).rejects.toMatchObject({ code: 'AccessDenied' })
    await expect(storage.read(parsePath('mixed'))).rejects.toMatchObject({ code: 'AccessDenied' })
    expect(await namesIn(storage, '')).toEqual([])
  })

  test('does not count the children of a folder that is only on the way', async () => {
    const counting: StorageDriver = {
      ...driver,
      stat: async (path) => ({ kind: 'directory', path, name: 'x', children: 7 }),
    }
    const storage = restricted(counting, await scopeOf(['ann:pw@/mixed/open'], [], 'ann:pw'))
    expect(await storage.stat(parsePath('mixed'))).not.toHaveProperty('children')
    expect(await storage.stat(parsePath('mixed/open'))).toHaveProperty('children', 7)
  })

  test('leaves hidden names out of listings and walks, with all they hold', async () => {
    const storage = restricted(driver, await scopeOf([], ['.git/']))
    expect(await namesIn(storage, '')).toEqual(['mixed', 'private', 'public'])
    expect((await walked(storage, '')).filter((path) => path.includes('.git'))).toEqual([])
  })

  test('reads a hidden file by its exact name, and lists a hidden folder when asked for it', async () => {
    const storage = restricted(driver, await scopeOf([], ['.git/']))
    await expect(storage.stat(parsePath('.git/config'))).resolves.toMatchObject({ kind: 'file' })
    expect(await namesIn(storage, '.git')).toEqual(['config'])
    expect(await walked(storage, '.git')).toEqual(['.git/config'])
  })

  test('passes the cursor of the driver on, even when a page comes out empty', async () => {
    const paged = restricted(memory(files, { pageSize: 1 }), await scopeOf(['@/public']))
    const names: string[] = []
    let cursor: string | undefined
    do {
      const page = await paged.list(parsePath(''), { cursor })
      names.push(...page.items.map(({ name }) => name))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(names).toEqual(['public'])
  })

  test('offers no method that the driver does not have', async () => {
    const least: StorageDriver = {
      provider: driver.provider,
      traits: driver.traits,
      stat: (path) => driver.stat(path),
      list: (path) => driver.list(path),
      read: (path) => driver.read(path),
    }
    const storage = restricted(least, await scopeOf(['@/public']))
    expect(Object.keys(storage).sort()).toEqual(['list', 'provider', 'read', 'stat', 'traits'])
  })
})
