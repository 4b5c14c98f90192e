import { parsePath, StorageError } from '@filegate/core'
import { describe, expect, test } from 'vitest'
import { type Clock, createIdentify } from './identify.ts'
import { parseRules } from './rules.ts'
import { everything } from './scope.ts'

/** A clock on which pauses take no time, and are kept. */
function stillClock() {
  const pauses: number[] = []
  let time = 0
  const clock: Clock = {
    now: () => time,
    pause: async (milliseconds) => {
      pauses.push(milliseconds)
      time += milliseconds
    },
  }
  return { clock, pauses }
}

function server(rules: readonly string[], hidden: readonly string[] = []) {
  const { clock, pauses } = stillClock()
  const identify = createIdentify({ accounts: parseRules(rules), hidden }, clock)
  const as = (authorization: string | undefined, address = '192.0.2.1') =>
    identify((name) => (name === 'authorization' ? authorization : undefined), address)
  return { as, pauses }
}

const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`
const refused = { code: 'Unauthenticated', message: 'The user name or the password is wrong.' }

describe('createIdentify', () => {
  test('shares one scope when there are no accounts, whatever the client claims', () => {
    const { as } = server([])
    expect(as(undefined)).toBe(everything)
    expect(as(basic('ann:guess'))).toBe(everything)
  })

  test('hides names from everybody when there are no accounts', () => {
    const scope = server([], ['.*']).as(undefined)
    expect(scope).toMatchObject({ user: null, unrestricted: false })
    if (scope instanceof Promise) throw new Error('expected a scope at once')
    expect(scope.shows(parsePath('.env'), 'file')).toBe(false)
    expect(scope.shows(parsePath('a'), 'file')).toBe(true)
    expect(scope.level(parsePath('.env'))).toBe('write')
  })

  test('gives a stranger what everybody has, at once', () => {
    const scope = server(['ann:pw@/', '@/public']).as(undefined)
    if (scope instanceof Promise) throw new Error('expected a scope at once')
    expect(scope.user).toBeNull()
    expect(scope.level(parsePath('public/a'))).toBe('read')
    expect(scope.level(parsePath('private'))).toBe('none')
  })

  test('knows an account by Basic and by Bearer', async () => {
    const { as } = server(['ann:p:w@/docs:rw', 'bob:other@/'])
    expect(await as(basic('ann:p:w'))).toMatchObject({ user: 'ann', unrestricted: false })
    expect(await as('bearer p:w')).toMatchObject({ user: 'ann' })
    expect(await as('Bearer other')).toMatchObject({ user: 'bob', unrestricted: true })
  })

  test.each([
    ['/docs', ['docs', 'docs/deep', 'docs/deep/no-such-thing'], ['', 'docsx', 'doc', 'other']],
    ['/docs:rw,/docs/old:ro', ['docs', 'docs/old'], ['']],
    ['/a/b', ['a/b', 'a/b/c'], ['', 'a', 'a/c']],
    ['/,/inbox:rw', ['', 'a', 'inbox'], []],
  ])('with the rule %s, knows below which folders nothing is withheld', async (rule, open, closed) => {
    const scope = await server([`ann:pw@${rule}`]).as(basic('ann:pw'))
    for (const path of open) expect([path, scope.unrestrictedBelow(parsePath(path))]).toEqual([path, true])
    for (const path of closed) expect([path, scope.unrestrictedBelow(parsePath(path))]).toEqual([path, false])
    expect(scope.unrestricted).toBe(scope.unrestrictedBelow(parsePath('')))
  })

  test('knows that something may be withheld anywhere while names are hidden', async () => {
    for (const rules of [[], ['@/docs'], ['@/']]) {
      expect((await server(rules, ['.*']).as(undefined)).unrestrictedBelow(parsePath('docs'))).toBe(false)
      expect((await server(rules).as(undefined)).unrestrictedBelow(parsePath('docs'))).toBe(true)
    }
  })

  test('reads user names and passwords as UTF-8', async () => {
    expect(await server(['jürgen:schlüssel✓@/']).as(basic('jürgen:schlüssel✓'))).toMatchObject({ user: 'jürgen' })
  })

  test('is synchronous for what was verified before', async () => {
    const { as } = server(['ann:pw@/'])
    const first = as(basic('ann:pw'))
    expect(first).toBeInstanceOf(Promise)
    const scope = await first
    expect(as(basic('ann:pw'))).toBe(scope)
  })

  test('verifies once for many requests that come together', async () => {
    const { as } = server(['ann:pw@/'])
    const scopes = await Promise.all(Array.from({ length: 100 }, async () => as(basic('ann:pw'))))
    expect(new Set(scopes).size).toBe(1)
  })

  test.each([
    ['a wrong password', basic('ann:wrong')],
    ['an empty password', basic('ann:')],
    ['an unknown user', basic('eve:pw')],
    ['no user', basic(':pw')],
    ['a name of the prototype', basic('__proto__:pw')],
    ['a wrong token', 'Bearer wrong'],
    ['a token of a whole log-in', `Bearer ${Buffer.from('ann:pw').toString('base64')}`],
  ])('refuses %s', async (_what, authorization) => {
    const { as } = server(['ann:pw@/', '@/public'])
    await expect(async () => as(authorization)).rejects.toMatchObject(refused)
  })

  test.each([['Digest username="ann"'], ['Basic'], ['Basic !!!'], ['Basic YW5u'], ['Bearer'], [''], ['ann:pw']])(
    'refuses the header %j at once',
    (authorization) => {
      expect(() => server(['ann:pw@/']).as(authorization)).toThrow(StorageError)
    },
  )

  test('does not take a password as a token that two accounts share', async () => {
    const { as } = server(['ann:same@/', 'bob:same@/'])
    await expect(as('Bearer same')).rejects.toMatchObject(refused)
    expect(await as(basic('bob:same'))).toMatchObject({ user: 'bob' })
  })

  test('slows guessing down and then answers 429, while who is logged in goes on', async () => {
    const { as, pauses } = server(['ann:pw@/'])
    await as(basic('ann:pw'))
    const codes: string[] = []
    for (let guess = 0; guess < 20; guess += 1) {
      await Promise.resolve()
        .then(() => as(basic(`ann:${guess}`)))
        .catch((error: unknown) => codes.push(StorageError.is(error) ? error.code : String(error)))
    }
    expect(codes).toContain('Throttled')
    expect(codes.indexOf('Throttled')).toBeGreaterThan(5)
    expect(pauses.length).toBeGreaterThan(1)
    expect(await as(basic('ann:pw'))).toMatchObject({ user: 'ann' })
  })

  test('lets the owner in from another address while somebody guesses', async () => {
    const { as } = server(['ann:pw@/'])
    for (let guess = 0; guess < 20; guess += 1)
      await Promise.resolve(as(basic(`ann:${guess}`), '192.0.2.66')).catch(() => {})
    expect(await as(basic('ann:pw'), '192.0.2.1')).toMatchObject({ user: 'ann' })
  })

  test('checks hashed passwords', async () => {
    const hash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
    const { as } = server([`ann:${hash}@/`])
    expect(await as(basic('ann:password'))).toMatchObject({ user: 'ann' })
    expect(await as('Bearer password')).toMatchObject({ user: 'ann' })
    await expect(as(basic(`ann:${hash}`))).rejects.toMatchObject(refused)
  })

  test('says who may do what on a backend', async () => {
    const rules = ['ann:pw@/:rw', 'bob:pw@/,backend:bck_1/photos,backend:*/open:rw', '@backend:bck_2/all']
    const { as } = server(rules, ['.*'])
    const level = async (login: string | undefined, id: string, path: string) => {
      const scope = (await as(login && basic(login))).onBackend(id)
      expect(scope.onBackend(id)).toBe(scope)
      expect(scope.shows(parsePath('.hidden'), 'file')).toBe(false)
      return scope.level(parsePath(path))
    }
    expect(await level('ann:pw', 'bck_9', 'any/thing')).toBe('write')
    expect(await level('bob:pw', 'bck_1', 'photos/a')).toBe('read')
    expect(await level('bob:pw', 'bck_1', 'other')).toBe('none')
    expect(await level('bob:pw', 'bck_1', 'open/a')).toBe('write')
    expect(await level('bob:pw', 'bck_9', 'open/a')).toBe('write')
    expect(await level('bob:pw', 'bck_9', 'photos/a')).toBe('none')
    expect(await level('bob:pw', 'bck_2', 'all/a')).toBe('read')
    expect(await level(undefined, 'bck_2', 'all/a')).toBe('read')
    expect(await level(undefined, 'bck_2', '')).toBe('index')
    expect(await level(undefined, 'bck_1', '')).toBe('none')
    // Rules about backends give nothing here.
    expect((await as(undefined)).level(parsePath('all'))).toBe('none')
  })

  test('hides names on backends too when there are no accounts', async () => {
    const scope = await server([], ['.*']).as(undefined)
    expect(scope.onBackend('bck_1').shows(parsePath('.env'), 'file')).toBe(false)
    expect(everything.onBackend('bck_1')).toBe(everything)
  })
})
